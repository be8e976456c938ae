import { ProtocolError } from './close-codes.ts';
import type { Channel } from './frame.ts';
import { WINDOW_BYTES } from './limits.ts';

/** What a sender may still put on the wire of one channel. */
export class SendWindow {
  #available = WINDOW_BYTES;

  admits(bytes: number): boolean {
    return bytes <= this.#available;
  }

  take(bytes: number): void {
    this.#available -= bytes;
  }

  grant(bytes: number): void {
    this.#available += bytes;
  }
}

/**
 * What a receiver has granted on one channel. Messages that wait for their handler use up the window; an incomplete
 * message does so only while others wait, or one larger than the window could never be completed.
 */
export class ReceiveWindow {
  readonly #channel: Channel;
  #received = 0;
  #granted = WINDOW_BYTES;
  #held = 0;

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  receive(bytes: number): void {
    this.#received += bytes;
    if (this.#received > this.#granted) {
      throw new ProtocolError(`${this.#channel}: ${this.#received - this.#granted} bytes beyond the credit`);
    }
  }

  hold(messageBytes: number): void {
    this.#held += messageBytes;
  }

  release(messageBytes: number): void {
    this.#held -= messageBytes;
  }

  /** Bytes to grant now, 0 while less than a quarter of the window is due: a credit per fragment would be noise. */
  takeGrant(pendingBytes: number): number {
    const inUse = this.#held > 0 ? this.#held + pendingBytes : 0;
    const due = this.#received + WINDOW_BYTES - inUse - this.#granted;
    if (due < WINDOW_BYTES / 4) return 0;
    this.#granted += due;
    return due;
  }
}
