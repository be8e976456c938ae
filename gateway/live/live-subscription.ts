import type { LiveEvent, UpdatedEvent } from './live-event.ts';
import { Ring } from './ring.ts';

export interface LiveSubscriptionOptions<T> {
  /** What was due at the moment of subscription: snapshot or replay. Pulled one by one, before all live updates. */
  backlog: Iterator<LiveEvent<T>>;
  filter: (value: T) => boolean;
  /** Updates queued at most, 1 or more; beyond it the oldest is dropped and counted. */
  queueLimit: number;
  onClose: () => void;
}

interface Waiting<T> {
  resolve: (result: IteratorResult<LiveEvent<T>>) => void;
  reject: (error: unknown) => void;
}

const DONE: IteratorResult<never> = { done: true, value: undefined };

/** One subscriber's view of a log: its backlog, then a GAP where updates were dropped, then its queue. */
export class LiveSubscription<T> implements AsyncIterableIterator<LiveEvent<T>> {
  readonly #options: LiveSubscriptionOptions<T>;
  #backlog: Iterator<LiveEvent<T>> | undefined;
  #queue: Ring<UpdatedEvent<T>>;
  #gap: { dropped: number; cursor: string } | undefined;
  #waiting: Waiting<T>[] = [];
  #ended = false;
  #failure: { error: unknown } | undefined;

  constructor(options: LiveSubscriptionOptions<T>) {
    this.#options = options;
    this.#backlog = options.backlog;
    this.#queue = new Ring(options.queueLimit);
  }

  /** Takes an update in if it passes the filter. Never waits and never throws: a filter that does ends the subscription. */
  offer(event: UpdatedEvent<T>): void {
    try {
      if (!this.#options.filter(event.value)) return;
    } catch (error) {
      this.#fail(error);
      return;
    }
    const waiting = this.#waiting.shift();
    if (waiting) {
      waiting.resolve({ done: false, value: event });
      return;
    }
    const dropped = this.#queue.push(event);
    if (dropped) this.#gap = { dropped: (this.#gap?.dropped ?? 0) + 1, cursor: dropped.cursor };
  }

  next(): Promise<IteratorResult<LiveEvent<T>>> {
    const due = this.#take();
    if (due) return Promise.resolve({ done: false, value: due });
    if (this.#failure) {
      const { error } = this.#failure;
      this.#failure = undefined;
      return Promise.reject(error);
    }
    if (this.#ended) return Promise.resolve(DONE);
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  return(): Promise<IteratorResult<LiveEvent<T>>> {
    this.#end();
    for (const { resolve } of this.#waiting.splice(0)) resolve(DONE);
    return Promise.resolve(DONE);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #take(): LiveEvent<T> | undefined {
    const step = this.#backlog?.next();
    if (step && !step.done) return step.value;
    this.#backlog = undefined;
    if (this.#gap) {
      const { dropped, cursor } = this.#gap;
      this.#gap = undefined;
      return { kind: 'GAP', cursor, gap: { dropped } };
    }
    return this.#queue.shift();
  }

  #fail(error: unknown): void {
    this.#end();
    const [first, ...others] = this.#waiting.splice(0);
    if (first) first.reject(error);
    else this.#failure = { error };
    for (const { resolve } of others) resolve(DONE);
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#backlog = undefined;
    this.#queue = new Ring(1);
    this.#gap = undefined;
    this.#options.onClose();
  }
}
