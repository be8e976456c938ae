import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { Packr } from 'msgpackr';
import { messageOf, OctographError } from '../lib/errors.ts';
import { ProtocolError } from './close-codes.ts';
import type { WireMessage } from './fragments.ts';
import { MAX_INFLATED_BYTES, MAX_MESSAGE_BYTES } from './limits.ts';
import type { DownMessage, UpMessage } from './messages.ts';

/** Below it the deflated text is hardly shorter, and each call costs the same. */
const DEFLATE_FROM_BYTES = 1024;

// Records are defined anew in every message: a batch names each field once, and no state lies between messages.
const packr = new Packr({ useRecords: true });

/** @throws OctographError `TUNNEL_MESSAGE_TOO_LARGE` */
export function encodeSync(message: UpMessage | DownMessage): WireMessage {
  const bytes = packr.pack(message);
  if (bytes.byteLength > MAX_MESSAGE_BYTES) {
    throw new OctographError(
      'TUNNEL_MESSAGE_TOO_LARGE',
      `a ${message.type} message of ${bytes.byteLength} bytes; expected at most ${MAX_MESSAGE_BYTES}, send it in parts`,
    );
  }
  if (bytes.byteLength < DEFLATE_FROM_BYTES || bytes.byteLength > MAX_INFLATED_BYTES) {
    return { bytes, deflated: false };
  }
  return { bytes: deflateRawSync(bytes, { level: 1 }), deflated: true };
}

/** @throws ProtocolError, the only thing that it throws */
export function decodeSync({ bytes, deflated }: WireMessage): unknown {
  try {
    return packr.unpack(deflated ? inflateRawSync(bytes, { maxOutputLength: MAX_INFLATED_BYTES }) : bytes);
  } catch (error) {
    throw new ProtocolError(`sync: not ${deflated ? 'deflated ' : ''}msgpack (${messageOf(error)})`);
  }
}
