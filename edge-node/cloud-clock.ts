import type { Clock } from '../lib/clock.ts';

/**
 * The cloud's wall clock as this node knows it: what the cloud said last, carried on by a monotonic clock. A jump of the
 * node's own wall clock changes nothing.
 */
export class CloudClock {
  readonly #clock: Clock;
  #heard: { cloudNow: number; at: number } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The cloud said that it is `cloudNow` there, milliseconds. */
  hear(cloudNow: number): void {
    this.#heard = { cloudNow, at: this.#clock.monotonic() };
  }

  /** undefined while nothing was heard since the start. */
  now(): number | undefined {
    return this.#heard && this.#heard.cloudNow + (this.#clock.monotonic() - this.#heard.at);
  }
}
