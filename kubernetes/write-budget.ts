/** Spaces writes evenly, without bursts: never more than `perSecond` + 1 begin within any one second. */
export class WriteBudget {
  readonly #intervalMs: number;
  #nextAt = Number.NEGATIVE_INFINITY;

  /** `perSecond` > 0. */
  constructor(perSecond: number) {
    this.#intervalMs = 1000 / perSecond;
  }

  /** Takes the next free place, and says how many milliseconds after `now` it is. */
  reserve(now: number): number {
    const at = Math.max(now, this.#nextAt);
    this.#nextAt = at + this.#intervalMs;
    return at - now;
  }
}
