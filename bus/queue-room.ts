import type { Clock } from '../lib/clock.ts';
import type { Close } from '../lib/disposables.ts';

export interface QueueRoomOptions {
  clock: Clock;
  /** How long a client may acknowledge nothing while somebody waits for it, in milliseconds. */
  timeoutMs: number;
  /** It took longer. */
  onStalled(id: string): void;
}

/** Those who wait for room in the full queues of clients that are there, in their order. */
export class QueueRoom {
  readonly #options: QueueRoomOptions;
  readonly #waiting = new Map<string, Array<() => void>>();
  readonly #timers = new Map<string, Close>();

  constructor(options: QueueRoomOptions) {
    this.#options = options;
  }

  /** Resolves when there is room in the queue, or its client is gone. */
  wait(id: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiting = this.#waiting.get(id);
    if (waiting) {
      waiting.push(resolve);
    } else {
      this.#waiting.set(id, [resolve]);
      this.#watch(id);
    }
    return promise;
  }

  /** The client took something. @param isFull still */
  progress(id: string, isFull: boolean): void {
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    this.#timers.get(id)?.();
    if (!isFull) waiting.shift()?.();
    if (waiting.length > 0) this.#watch(id);
    else this.free(id);
  }

  /** Nobody needs to wait for it any more. */
  free(id: string): void {
    this.#timers.get(id)?.();
    this.#timers.delete(id);
    const waiting = this.#waiting.get(id) ?? [];
    this.#waiting.delete(id);
    for (const resume of waiting) resume();
  }

  #watch(id: string): void {
    const { clock, timeoutMs, onStalled } = this.#options;
    this.#timers.set(
      id,
      clock.setTimer(timeoutMs, () => onStalled(id)),
    );
  }
}
