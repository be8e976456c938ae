const finalText = 0x81;

/**
 * A server's WebSocket text frame, unfragmented and unmasked, with room for `length` bytes from `offset` on.
 * Source: RFC 6455 section 5.2.
 */
export function createTextFrame(length: number): { frame: Buffer; offset: number } {
  const offset = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(offset + length);
  frame[0] = finalText;
  if (offset === 2) frame[1] = length;
  else if (offset === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeUInt32BE(Math.floor(length / 2 ** 32), 2);
    frame.writeUInt32BE(length % 2 ** 32, 6);
  }
  return { frame, offset };
}
