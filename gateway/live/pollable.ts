/**
 * A sequence that can be asked what is there now. A promise per event and layer is what makes a thousand subscribers
 * dear; asking is a call.
 */
export interface Pollable<T> {
  /**
   * The next item, if there is one now.
   * @throws what the sequence failed with, once; it has ended then
   */
  poll(): T | undefined;
  /** No more items will come; those that are there have been taken. */
  readonly ended: boolean;
  /** Called when `poll` gave nothing before and is worth another try: an item came, or the end. It must not throw. */
  onReady: (() => void) | undefined;
}

/** An item for a consumer that waits, one at a time. */
export async function nextOf<T>(source: Pollable<T>): Promise<IteratorResult<T, undefined>> {
  for (;;) {
    const value = source.poll();
    if (value !== undefined) return { done: false, value };
    if (source.ended) return { done: true, value: undefined };
    await new Promise<void>((resolve) => {
      source.onReady = resolve;
    });
  }
}

/** Any iterator, pulled no further than it is polled. */
export function pollableOf<T>(source: AsyncIterator<T>): Pollable<T> {
  return isPollable<T>(source) ? source : new PolledIterator(source);
}

const isPollable = <T>(source: object): source is Pollable<T> => 'poll' in source && 'onReady' in source;

class PolledIterator<T> implements Pollable<T> {
  onReady: (() => void) | undefined;
  readonly #source: AsyncIterator<T>;
  #state: 'idle' | 'asked' | 'ended' = 'idle';
  #item: { value: T } | undefined;
  #failure: { error: unknown } | undefined;

  constructor(source: AsyncIterator<T>) {
    this.#source = source;
  }

  get ended(): boolean {
    return this.#state === 'ended' && !this.#failure;
  }

  poll(): T | undefined {
    const item = this.#item;
    if (item) {
      this.#item = undefined;
      return item.value;
    }
    if (this.#failure) {
      const { error } = this.#failure;
      this.#failure = undefined;
      throw error;
    }
    if (this.#state === 'idle') this.#ask();
    return undefined;
  }

  #ask(): void {
    this.#state = 'asked';
    this.#source.next().then(
      ({ done, value }) => {
        this.#state = done ? 'ended' : 'idle';
        if (!done) this.#item = { value };
        this.onReady?.();
      },
      (error) => {
        this.#state = 'ended';
        this.#failure = { error };
        this.onReady?.();
      },
    );
  }
}
