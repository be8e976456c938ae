/** What a queue does when it is full: drop its oldest item and count, or end with an error. */
export type Overflow = 'drop-oldest' | 'fail';

export interface BoundedQueueOptions {
  /** Items held at most. */
  limit: number;
  overflow: Overflow;
  /** Called once, when the consumer stops or the producer ends. */
  onClose?: () => void;
}

/**
 * One producer's pushes as an async iterable for one consumer, with a bound.
 * `push` never waits and never throws: a stalled consumer costs at most `limit` items.
 */
export class BoundedQueue<T> implements AsyncIterableIterator<T> {
  readonly #options: BoundedQueueOptions;
  #items: T[] = [];
  #waiting: { resolve: (result: IteratorResult<T>) => void; reject: (error: unknown) => void } | undefined;
  #ended = false;
  #failure: unknown;
  #dropped = 0;

  constructor(options: BoundedQueueOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#items.length;
  }

  /** Items dropped since the last call. */
  takeDropped(): number {
    const dropped = this.#dropped;
    this.#dropped = 0;
    return dropped;
  }

  push(item: T): void {
    if (this.#ended) return;
    if (this.#waiting) {
      const { resolve } = this.#waiting;
      this.#waiting = undefined;
      resolve({ done: false, value: item });
      return;
    }
    if (this.#items.length >= this.#options.limit) {
      if (this.#options.overflow === 'fail') {
        this.end(new Error(`the consumer is ${this.#options.limit} items behind`));
        return;
      }
      this.#items.shift();
      this.#dropped++;
    }
    this.#items.push(item);
  }

  /** No more items come; those queued are still delivered, unless a failure is given. */
  end(failure?: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#failure = failure;
    if (failure) this.#items = [];
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (failure) waiting?.reject(failure);
    else waiting?.resolve({ done: true, value: undefined });
    this.#options.onClose?.();
  }

  next(): Promise<IteratorResult<T>> {
    if (this.#items.length > 0) return Promise.resolve({ done: false, value: this.#items.shift() as T });
    if (this.#failure) {
      const failure = this.#failure;
      this.#failure = undefined;
      return Promise.reject(failure);
    }
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  return(): Promise<IteratorResult<T>> {
    this.#items = [];
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
