import type { ExecutionResult } from 'graphql';

export interface ResultStreamOptions {
  /** Makes the last result of a source that fails. */
  failed: (error: unknown) => ExecutionResult;
  /** Called once, as soon as no more results will be delivered, whoever ended it. */
  onEnd: () => void;
}

const DONE: IteratorResult<ExecutionResult> = { done: true, value: undefined };

/**
 * One operation's results as every transport consumes them: pulled one by one, ended once.
 * `return` ends a pending `next` at once, though the source may still be busy, so that a consumer is never held by
 * what it has given up.
 */
export class ResultStream implements AsyncIterableIterator<ExecutionResult> {
  readonly #source: AsyncIterator<ExecutionResult>;
  readonly #options: ResultStreamOptions;
  #ended = false;
  #settle: ((result: IteratorResult<ExecutionResult>) => void) | undefined;

  constructor(source: AsyncIterator<ExecutionResult>, options: ResultStreamOptions) {
    this.#source = source;
    this.#options = options;
  }

  next(): Promise<IteratorResult<ExecutionResult>> {
    if (this.#ended) return Promise.resolve(DONE);
    return new Promise((resolve) => {
      this.#settle = resolve;
      this.#source.next().then(
        (result) => {
          if (this.#ended) return;
          if (result.done) this.#end();
          resolve(result.done ? DONE : result);
        },
        (error) => {
          if (this.#ended) return;
          this.#end();
          resolve({ done: false, value: this.#options.failed(error) });
        },
      );
    });
  }

  async return(): Promise<IteratorResult<ExecutionResult>> {
    if (this.#ended) return DONE;
    this.#end();
    this.#settle?.(DONE);
    try {
      await this.#source.return?.();
    } catch (error) {
      // Nobody is left to take the result; `failed` logs what is unexpected.
      this.#options.failed(error);
    }
    return DONE;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #end(): void {
    this.#ended = true;
    this.#options.onEnd();
  }
}

/** A query's or mutation's one result as a source. */
export function singleResult(result: Promise<ExecutionResult>): AsyncIterator<ExecutionResult> {
  let taken = false;
  return {
    async next() {
      if (taken) return DONE;
      taken = true;
      return { done: false, value: await result };
    },
  };
}
