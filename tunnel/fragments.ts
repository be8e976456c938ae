import { ProtocolError } from './close-codes.ts';
import type { Channel, Fragment } from './frame.ts';
import { FRAGMENT_BYTES, MAX_MESSAGE_BYTES, MIN_FRAGMENT_BYTES } from './limits.ts';

/** A whole message of a channel, as it was given to the sender. */
export interface WireMessage {
  bytes: Uint8Array;
  deflated: boolean;
}

export function fragmentAt({ bytes, deflated }: WireMessage, offset: number): Fragment {
  const end = Math.min(bytes.byteLength, offset + FRAGMENT_BYTES);
  return { more: end < bytes.byteLength, deflated, bytes: bytes.subarray(offset, end) };
}

/** Fragments of one channel back to messages. It holds at most one incomplete message of at most 16 MiB. */
export class Reassembler {
  readonly #channel: Channel;
  #parts: Uint8Array[] = [];
  #bytes = 0;

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  /** Bytes of the message that is not complete yet. */
  get pendingBytes(): number {
    return this.#bytes;
  }

  /** The message, when this fragment completes it. */
  add({ more, deflated, bytes }: Fragment): WireMessage | undefined {
    const least = more ? MIN_FRAGMENT_BYTES : 1;
    if (bytes.byteLength < least) {
      throw new ProtocolError(
        `${this.#channel}: a fragment of ${bytes.byteLength} bytes, expected ${least} or more`,
      );
    }
    this.#bytes += bytes.byteLength;
    if (this.#bytes > MAX_MESSAGE_BYTES) {
      throw new ProtocolError(`${this.#channel}: a message over the limit of ${MAX_MESSAGE_BYTES} bytes`);
    }
    this.#parts.push(bytes);
    if (more) return undefined;
    const message = this.#parts.length === 1 ? bytes : Buffer.concat(this.#parts, this.#bytes);
    this.#parts = [];
    this.#bytes = 0;
    return { bytes: message, deflated };
  }
}
