import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PacketScanner } from '../../bus/packet-scanner.ts';

/** An MQTT packet with so many bytes after its fixed header. */
function packet(length: number): Buffer {
  const header = [0x30];
  let left = length;
  do {
    header.push((left % 128) | (left >= 128 ? 0x80 : 0));
    left = Math.floor(left / 128);
  } while (left > 0);
  return Buffer.concat([Buffer.from(header), Buffer.alloc(length, 0xff)]);
}

describe('the packet scanner', () => {
  it('accepts packets up to its limit and none beyond, however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 0, max: 400 }),
        fc.array(fc.integer({ min: 1, max: 50 })),
        (lengths, limit, cuts) => {
          const bytes = Buffer.concat(lengths.map(packet));
          const scanner = new PacketScanner(limit);
          let accepted = true;
          let at = 0;
          for (const cut of [...cuts, bytes.length]) {
            accepted &&= scanner.accepts(bytes.subarray(at, at + cut));
            at += cut;
          }
          expect(accepted).toBe(lengths.every((length) => length <= limit));
        },
      ),
    );
  });

  it('refuses a length of more than four digits', () => {
    expect(
      new PacketScanner(Number.MAX_SAFE_INTEGER).accepts(Buffer.from([0x30, 255, 255, 255, 255, 1])),
    ).toBe(false);
  });
});
