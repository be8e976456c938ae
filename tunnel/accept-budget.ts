export interface AcceptBudgetOptions {
  /** TLS handshakes under way at most: how long the queue in front of the processor may get. */
  maxInFlight: number;
  /** New connections a second, over time; a burst of `maxInFlight` is let through. */
  perSecond: number;
  /** Monotonic, milliseconds. */
  now: () => number;
}

/**
 * [W30] How many connections the gateway takes up. A handshake costs it a thousand times what refusing one costs: whoever comes
 * beyond the budget is turned away before TLS begins, and comes back later.
 */
export class AcceptBudget {
  readonly #options: AcceptBudgetOptions;
  #inFlight = 0;
  #tokens: number;
  #filledAt: number;
  #accepted = 0;
  #shed = 0;

  constructor(options: AcceptBudgetOptions) {
    this.#options = options;
    this.#tokens = options.maxInFlight;
    this.#filledAt = options.now();
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Connections taken up since the start. */
  get accepted(): number {
    return this.#accepted;
  }

  /** Connections turned away since the start. */
  get shed(): number {
    return this.#shed;
  }

  /** Whether one more is taken up. Each that was is given back with `release`, when its handshake is over. */
  take(): boolean {
    const { maxInFlight, perSecond, now } = this.#options;
    const at = now();
    this.#tokens = Math.min(maxInFlight, this.#tokens + ((at - this.#filledAt) / 1000) * perSecond);
    this.#filledAt = at;
    if (this.#inFlight >= maxInFlight || this.#tokens < 1) {
      this.#shed++;
      return false;
    }
    this.#tokens--;
    this.#inFlight++;
    this.#accepted++;
    return true;
  }

  release(): void {
    this.#inFlight--;
  }
}
