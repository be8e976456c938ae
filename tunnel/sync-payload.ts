import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { Packr } from 'msgpackr';
import { messageOf, OctographError } from '../lib/errors.ts';
import { ProtocolError } from './close-codes.ts';
import type { WireMessage } from './fragments.ts';
import { MAX_INFLATED_BYTES, MAX_MESSAGE_BYTES } from './limits.ts';
import type { DownMessage, UpMessage } from './messages.ts';
import { UpdateDecoder, UpdateEncoder } from './update-rows.ts';

/** Below it the deflated text is hardly shorter, and each call costs the same. */
const DEFLATE_FROM_BYTES = 1024;

// Records are defined anew in every message: what lies between messages is in the update rows alone.
const packr = new Packr({ useRecords: true });

/** Sync messages to bytes, in the order of their sending, for one connection. */
export class SyncEncoder {
  readonly #updates = new UpdateEncoder();

  /** @throws OctographError `TUNNEL_MESSAGE_TOO_LARGE` */
  encode(message: UpMessage | DownMessage): WireMessage {
    const bytes = packr.pack(this.#toWire(message));
    if (bytes.byteLength > MAX_MESSAGE_BYTES) {
      this.#updates.reset();
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

  #toWire(message: UpMessage | DownMessage): object {
    if (message.type !== 'reports' && message.type !== 'snapshot') return message;
    const { updates, ...rest } = message;
    return { ...rest, ...this.#updates.encode(updates) };
  }
}

/** Bytes to sync messages, in the order of their arrival, for one connection. */
export class SyncDecoder {
  readonly #updates = new UpdateDecoder();

  /** @throws ProtocolError, the only thing that it throws */
  decode({ bytes, deflated }: WireMessage): unknown {
    const message = unpack(bytes, deflated);
    if (typeof message !== 'object' || message === null || !('rows' in message)) return message;
    const { reset, keys, rows, ...rest } = message as Record<string, unknown>;
    return { ...rest, updates: this.#updates.decode({ reset, keys, rows }) };
  }
}

function unpack(bytes: Uint8Array, deflated: boolean): unknown {
  try {
    return packr.unpack(deflated ? inflateRawSync(bytes, { maxOutputLength: MAX_INFLATED_BYTES }) : bytes);
  } catch (error) {
    throw new ProtocolError(`sync: not ${deflated ? 'deflated ' : ''}msgpack (${messageOf(error)})`);
  }
}
