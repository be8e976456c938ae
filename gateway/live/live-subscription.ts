import type { Delivery } from './live-audience.ts';
import type { Pollable } from './pollable.ts';
import { Ring } from './ring.ts';

/** A subscription's place in an audience. */
export interface Seat<E> {
  join(subscription: LiveSubscription<never, E>): void;
  leave(subscription: LiveSubscription<never, E>): void;
  /** @param cursor where it ends; undefined where a RESET follows */
  gap(dropped: number, cursor: string | undefined): E;
  /** RESET and the members as they are now. */
  afresh(): Iterator<E>;
}

export interface LiveSubscriptionOptions<R, E> {
  /** @param request undefined: the one that was subscribed with */
  seatIn: (request: R | undefined) => Seat<E>;
  /** What was due at the moment of subscription: snapshot or replay. Pulled one by one, before all live events. */
  backlog: Iterator<E>;
  /** Events queued at most, 1 or more; beyond it the oldest is dropped and counted. */
  queueLimit: number;
}

interface Waiting<E> {
  resolve: (result: IteratorResult<E>) => void;
  reject: (error: unknown) => void;
}

const DONE: IteratorResult<never> = { done: true, value: undefined };

/** What was dropped since the last event that was taken. */
interface Gap {
  dropped: number;
  /** Of the last event that was dropped. */
  cursor: string;
  /** An ENTERED or LEFT was among them. */
  isSetLost: boolean;
}

/**
 * One subscriber's sequence: its backlog, then a GAP where events were dropped, then its queue. Where the GAP swallowed who
 * entered or left, the queue is worth nothing either: RESET and a snapshot follow, taken when the subscriber reads on. It is read
 * in one of two ways: as an iterator, or polled.
 */
export class LiveSubscription<R, E> implements AsyncIterableIterator<E>, Pollable<E> {
  onReady: (() => void) | undefined;
  readonly #seatIn: LiveSubscriptionOptions<R, E>['seatIn'];
  readonly #queueLimit: number;
  #seat: Seat<E>;
  #backlog: Iterator<E> | undefined;
  #queue: Ring<Delivery<E>> | undefined;
  #gap: Gap | undefined;
  #waiting: Waiting<E>[] = [];
  /** Polled in vain since the last wake. */
  #isAwaited = false;
  #ended = false;
  #failure: { error: unknown } | undefined;

  constructor({ seatIn, backlog, queueLimit }: LiveSubscriptionOptions<R, E>) {
    this.#seatIn = seatIn;
    this.#queueLimit = queueLimit;
    this.#backlog = backlog;
    this.#seat = seatIn(undefined);
    this.#seat.join(this);
  }

  get ended(): boolean {
    return this.#ended && !this.#failure;
  }

  /** Takes an event of its audience in. Never waits and never throws. */
  offer(delivery: Delivery<E>): void {
    if (this.#gap?.isSetLost) {
      this.#gap.dropped++;
      return;
    }
    const waiting = this.#waiting.shift();
    if (waiting) {
      waiting.resolve({ done: false, value: delivery.event });
      return;
    }
    this.#queue ??= new Ring(this.#queueLimit);
    const dropped = this.#queue.push(delivery);
    if (dropped) this.#noteGap(dropped);
    this.#wake();
  }

  /** It sees another part of the set from now on: RESET, and that part's members. */
  restart(request: R): void {
    if (this.#ended) return;
    this.#seat.leave(this);
    this.#seat = this.#seatIn(request);
    this.#seat.join(this);
    this.#queue = undefined;
    this.#gap = undefined;
    this.#backlog = this.#seat.afresh();
    for (const { resolve } of this.#waiting.splice(0)) {
      const value = this.#take();
      if (value !== undefined) resolve({ done: false, value });
    }
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
      const { dropped, cursor, isSetLost } = this.#gap;
      this.#gap = undefined;
      if (isSetLost) this.#backlog = this.#seat.afresh();
      return this.#seat.gap(dropped, isSetLost ? undefined : cursor);
    }
    return this.#queue?.shift()?.event;
  }

  #noteGap({ cursor, isMembership }: Delivery<E>): void {
    this.#gap ??= { dropped: 0, cursor, isSetLost: false };
    this.#gap.dropped++;
    this.#gap.cursor = cursor;
    if (!isMembership) return;
    this.#gap.isSetLost = true;
    this.#gap.dropped += this.#queue?.size ?? 0;
    this.#queue = undefined;
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

  /** Ends it with an error, told once. */
  fail(error: unknown): void {
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
    this.#seat.leave(this);
    this.#wake();
  }
}
