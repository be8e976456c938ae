import type { ExecutionResult } from 'graphql';
import { nextOf, type Pollable } from '../live/pollable.ts';
import type { Payload } from './payload.ts';

export interface OperationStreamOptions {
  /** What came of one event. Must not reject. */
  payloadOf: (event: object) => Payload | Promise<Payload>;
  /** Makes the last payload of a source that fails. */
  failed: (error: unknown) => Payload;
  /** Leaves the source. */
  leave: () => Promise<unknown> | undefined;
  /** Called once, as soon as no more results will be delivered, whoever ended it. */
  onEnd: () => void;
}

const DONE: IteratorResult<ExecutionResult> = { done: true, value: undefined };

/**
 * One subscription's results as every transport consumes them: polled one by one, in order, ended once. An event is
 * taken from the source when the one before it has been taken from here, so a client that stalls stalls its source.
 */
export class OperationStream implements AsyncIterableIterator<ExecutionResult>, Pollable<Payload> {
  onReady: (() => void) | undefined;
  readonly #source: Pollable<object>;
  readonly #options: OperationStreamOptions;
  #state: 'open' | 'executing' | 'ended' = 'open';
  #due: Payload | undefined;

  constructor(source: Pollable<object>, options: OperationStreamOptions) {
    this.#source = source;
    this.#options = options;
    source.onReady = () => {
      if (this.#state !== 'executing') this.onReady?.();
    };
  }

  get ended(): boolean {
    return this.#state === 'ended';
  }

  poll(): Payload | undefined {
    const due = this.#due;
    if (due) {
      this.#due = undefined;
      return due;
    }
    return this.#state === 'open' ? this.#pull() : undefined;
  }

  next(): Promise<IteratorResult<ExecutionResult>> {
    return nextOf(this).then(({ done, value }) => (done ? DONE : { done, value: value.result }));
  }

  /** Ends it with a last result that says why. */
  fail(error: unknown): void {
    if (this.ended) return;
    void this.return();
    this.#due = this.#options.failed(error);
  }

  /** Idempotent. What waits for a result is told at once, though an execution may still run. */
  async return(): Promise<IteratorResult<ExecutionResult>> {
    if (this.ended) return DONE;
    this.#end();
    try {
      await this.#options.leave();
    } catch (error) {
      // Nobody is left to take the payload; `failed` logs what is unexpected.
      this.#options.failed(error);
    }
    return DONE;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #pull(): Payload | undefined {
    let event: object | undefined;
    try {
      event = this.#source.poll();
    } catch (error) {
      this.#end();
      return this.#options.failed(error);
    }
    if (event === undefined) {
      if (this.#source.ended) this.#end();
      return undefined;
    }
    const payload = this.#options.payloadOf(event);
    if (!(payload instanceof Promise)) return payload;
    this.#state = 'executing';
    payload.then((ready) => {
      if (this.ended) return;
      this.#state = 'open';
      this.#due = ready;
      this.onReady?.();
    });
    return undefined;
  }

  #end(): void {
    this.#state = 'ended';
    this.#due = undefined;
    this.#options.onEnd();
    this.onReady?.();
  }
}
