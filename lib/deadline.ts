import type { Clock } from './clock.ts';

/** A moment by which something must be done, on the monotonic clock. Whoever helps is given what is left of it, never a fresh time. */
export class Deadline {
  readonly #clock: Clock;
  readonly #at: number;

  /** @param ms milliseconds from now */
  constructor(clock: Clock, ms: number) {
    this.#clock = clock;
    this.#at = clock.monotonic() + ms;
  }

  /** Milliseconds, rounded up; 0 once it has passed. */
  get leftMs(): number {
    return Math.max(0, Math.ceil(this.#at - this.#clock.monotonic()));
  }

  /** This one, or `ms` from now where that is earlier. */
  within(ms: number): Deadline {
    return new Deadline(this.#clock, Math.min(ms, this.#at - this.#clock.monotonic()));
  }
}
