import type { CloudSession } from '../../tunnel/contract.ts';
import type { UpMessage } from '../../tunnel/messages.ts';
import { SyncDecoder, SyncEncoder } from '../../tunnel/sync-payload.ts';
import type { ManualClock } from '../harness/manual-clock.ts';

/** Of the line to the cloud. */
export interface LineWish {
  bytesPerSecond: number;
  latencyMs: number;
}

/** A line of so many bytes a second, with a replica at its end that acknowledges. What was encoded is what counts. */
export class Line implements CloudSession {
  readonly welcome = { replicaId: 'replica-1', serverTime: 0 };
  readonly minor = 1;
  readonly #clock: ManualClock;
  readonly #wish: LineWish;
  readonly #take: (message: UpMessage) => void;
  readonly #encoder = new SyncEncoder();
  readonly #decoder = new SyncDecoder();
  #freeAt = 0;

  constructor(clock: ManualClock, wish: LineWish, take: (message: UpMessage) => void) {
    this.#clock = clock;
    this.#wish = wish;
    this.#take = take;
  }

  get bufferedBytes(): number {
    return Math.max(0, ((this.#freeAt - this.#clock.now()) * this.#wish.bytesPerSecond) / 1000);
  }

  send(message: UpMessage): void {
    const wire = this.#encoder.encode(message);
    const { bytesPerSecond, latencyMs } = this.#wish;
    const now = this.#clock.now();
    this.#freeAt = Math.max(now, this.#freeAt) + (wire.bytes.byteLength * 1000) / bytesPerSecond;
    this.#clock.setTimer(this.#freeAt - now + latencyMs, () =>
      this.#take(this.#decoder.decode(wire) as UpMessage),
    );
  }
}
