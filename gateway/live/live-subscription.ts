import type { LiveEvent } from './live-event.ts';
import type { Pollable } from './pollable.ts';
import { Ring } from './ring.ts';

/** An update as the log keeps it: `event` is what every subscriber gets. */
export interface Update<T, E> {
  cursor: string;
  value: T;
  event: E;
}

export interface LiveSubscriptionOptions<T, E> {
  /** What was due at the moment of subscription: snapshot or replay. Pulled one by one, before all live updates. */
  backlog: Iterator<E>;
  filter: (value: T) => boolean;
  present: (event: LiveEvent<T>) => E;
  /** Updates queued at most, 1 or more; beyond it the oldest is dropped and counted. */
  queueLimit: number;
  onClose: () => void;
}

interface Waiting<E> {
  resolve: (result: IteratorResult<E>) => void;
  reject: (error: unknown) => void;
}

const DONE: IteratorResult<never> = { done: true, value: undefined };

/**
 * One subscriber's view of a log: its backlog, then a GAP where updates were dropped, then its queue.
 * It is read in one of two ways: as an iterator, or polled.
 */
export class LiveSubscription<T, E extends object = LiveEvent<T>>
  implements AsyncIterableIterator<E>, Pollable<E>
{
  onReady: (() => void) | undefined;
  readonly #options: Omit<LiveSubscriptionOptions<T, E>, 'backlog'>;
  #backlog: Iterator<E> | undefined;
  #queue: Ring<Update<T, E>> | undefined;
  #gap: { dropped: number; cursor: string } | undefined;
  #waiting: Waiting<E>[] = [];
  /** Polled in vain since the last wake. */
  #isAwaited = false;
  #ended = false;
  #failure: { error: unknown } | undefined;

  constructor({ backlog, ...options }: LiveSubscriptionOptions<T, E>) {
    this.#options = options;
    this.#backlog = backlog;
  }

  get ended(): boolean {
    return this.#ended && !this.#failure;
  }

  /** Takes an update in if it passes the filter. Never waits and never throws: a filter that does ends the subscription. */
  offer(update: Update<T, E>): void {
    try {
      if (!this.#options.filter(update.value)) return;
    } catch (error) {
      this.#fail(error);
      return;
    }
    const waiting = this.#waiting.shift();
    if (waiting) {
      waiting.resolve({ done: false, value: update.event });
      return;
    }
    this.#queue ??= new Ring(this.#options.queueLimit);
    const dropped = this.#queue.push(update);
    if (dropped) this.#noteGap(dropped.cursor);
    this.#wake();
  }

  poll(): E | undefined {
    const due = this.#take();
    if (due !== undefined) return due;
    this.#throwFailure();
    this.#isAwaited = true;
    return undefined;
  }

  async next(): Promise<IteratorResult<E>> {
    const due = this.poll();
    if (due) return { done: false, value: due };
    if (this.#ended) return DONE;
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  return(): Promise<IteratorResult<E>> {
    this.#end();
    for (const { resolve } of this.#waiting.splice(0)) resolve(DONE);
    return Promise.resolve(DONE);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #take(): E | undefined {
    const step = this.#backlog?.next();
    if (step && !step.done) return step.value;
    this.#backlog = undefined;
    if (this.#gap) {
      const { dropped, cursor } = this.#gap;
      this.#gap = undefined;
      return this.#options.present({ kind: 'GAP', cursor, gap: { dropped } });
    }
    return this.#queue?.shift()?.event;
  }

  #noteGap(cursor: string): void {
    this.#gap ??= { dropped: 0, cursor };
    this.#gap.dropped++;
    this.#gap.cursor = cursor;
  }

  /** Who stalls is not woken: that is what an event costs for each of a thousand stalled subscribers. */
  #wake(): void {
    if (!this.#isAwaited) return;
    this.#isAwaited = false;
    this.onReady?.();
  }

  #throwFailure(): void {
    if (!this.#failure) return;
    const { error } = this.#failure;
    this.#failure = undefined;
    throw error;
  }

  #fail(error: unknown): void {
    this.#end();
    const [first, ...others] = this.#waiting.splice(0);
    if (first) first.reject(error);
    else this.#failure = { error };
    for (const { resolve } of others) resolve(DONE);
    this.#wake();
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#backlog = undefined;
    this.#queue = undefined;
    this.#gap = undefined;
    this.#options.onClose();
    this.#wake();
  }
}
