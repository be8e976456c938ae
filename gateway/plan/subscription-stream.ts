import type { ExecutionResult } from 'graphql';

export interface SubscriptionStreamOptions {
  source: AsyncIterator<ExecutionResult>;
  toResult: (event: ExecutionResult) => Promise<ExecutionResult>;
  /** The last result of a stream whose source or event failed. */
  toFailure: (error: unknown) => ExecutionResult;
  /** Called once, when the consumer stops or the source ends. */
  onEnd: () => void;
}

type Step = IteratorResult<ExecutionResult>;

const done: Step = { done: true, value: undefined };

/** A subscription's results. Ending it settles what waits at once, even where the source does not answer its `return`. */
export class SubscriptionStream implements AsyncIterableIterator<ExecutionResult> {
  readonly #options: SubscriptionStreamOptions;
  readonly #waiting = new Set<(step: Step) => void>();
  #ended = false;

  constructor(options: SubscriptionStreamOptions) {
    this.#options = options;
  }

  next(): Promise<Step> {
    if (this.#ended) return Promise.resolve(done);
    return new Promise((resolve) => {
      this.#waiting.add(resolve);
      this.#pull().then(
        (step) => {
          if (step.done) this.end();
          this.#settle(resolve, step);
        },
        (error) => {
          const failure = { done: false, value: this.#options.toFailure(error) } as const;
          this.#settle(resolve, this.#ended ? done : failure);
          this.end();
        },
      );
    });
  }

  async #pull(): Promise<Step> {
    const step = await this.#options.source.next();
    return step.done ? done : { done: false, value: await this.#options.toResult(step.value) };
  }

  #settle(resolve: (step: Step) => void, step: Step): void {
    if (this.#waiting.delete(resolve)) resolve(step);
  }

  /** Ends the source too. Idempotent. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const resolve of this.#waiting) resolve(done);
    this.#waiting.clear();
    this.#options.onEnd();
    void this.#leaveSource();
  }

  async #leaveSource(): Promise<void> {
    try {
      await this.#options.source.return?.();
    } catch {
      // A source that fails while it is being left has nobody to tell.
    }
  }

  return(): Promise<Step> {
    this.end();
    return Promise.resolve(done);
  }

  throw(error: unknown): Promise<Step> {
    this.end();
    return Promise.reject(error);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
