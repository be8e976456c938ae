import type { BrokerLimits } from './limits.ts';

type RetainedLimits = Pick<BrokerLimits, 'maxRetainedTopics' | 'maxRetainedBytes'>;

/** Bounds what the broker retains: it is kept for ever, and on disk. */
export class RetainedTopics {
  readonly #limits: RetainedLimits;
  readonly #bytes = new Map<string, number>();
  #total = 0;

  constructor(limits: RetainedLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#bytes.size;
  }

  /** What was retained before this process. It counts, and is never refused. */
  restore(topic: string, bytes: number): void {
    this.#set(topic, bytes);
  }

  /** Takes the message, an empty one for none, or says why not. */
  put(topic: string, bytes: number): string | undefined {
    const { maxRetainedTopics, maxRetainedBytes } = this.#limits;
    const before = this.#bytes.get(topic);
    if (bytes === 0) this.#set(topic, undefined);
    else if (before === undefined && this.#bytes.size >= maxRetainedTopics)
      return `over ${maxRetainedTopics} retained topics`;
    else if (this.#total - (before ?? 0) + bytes > maxRetainedBytes)
      return `over ${maxRetainedBytes} bytes of retained messages`;
    else this.#set(topic, bytes);
    return undefined;
  }

  #set(topic: string, bytes: number | undefined): void {
    this.#total += (bytes ?? 0) - (this.#bytes.get(topic) ?? 0);
    if (bytes === undefined) this.#bytes.delete(topic);
    else this.#bytes.set(topic, bytes);
  }
}
