export interface FlowRates {
  /** 0: as many as there are. */
  messagesPerSecond: number;
  /** 0: as many as there are. */
  bytesPerSecond: number;
}

/** What a client that was quiet may send at once, in seconds of its rate. */
const BURST_SECONDS = 2;

/** What one client sent, held against its rates. It only counts: whoever reads the client's socket waits. */
export class FlowMeter {
  readonly #messages: Allowance;
  readonly #bytes: Allowance;

  /** @param now monotonic, milliseconds */
  constructor({ messagesPerSecond, bytesPerSecond }: FlowRates, now: number) {
    this.#messages = new Allowance(messagesPerSecond, now);
    this.#bytes = new Allowance(bytesPerSecond, now);
  }

  /** Books what was read already. @returns milliseconds to wait before the next read; 0: none */
  take(messages: number, bytes: number, now: number): number {
    return Math.ceil(Math.max(this.#messages.take(messages, now), this.#bytes.take(bytes, now)));
  }
}

/** A token bucket that may be overdrawn: what was read cannot be put back. */
class Allowance {
  readonly #perSecond: number;
  #left: number;
  #at: number;

  constructor(perSecond: number, now: number) {
    this.#perSecond = perSecond;
    this.#left = perSecond * BURST_SECONDS;
    this.#at = now;
  }

  take(count: number, now: number): number {
    if (this.#perSecond === 0) return 0;
    const earned = ((now - this.#at) / 1000) * this.#perSecond;
    this.#left = Math.min(this.#perSecond * BURST_SECONDS, this.#left + earned) - count;
    this.#at = now;
    return this.#left >= 0 ? 0 : (-this.#left / this.#perSecond) * 1000;
  }
}
