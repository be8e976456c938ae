import { encodeCursor, snapshotCursor } from './cursor.ts';
import type { LiveEvent, LiveStep } from './live-event.ts';
import type { LiveSubscription } from './live-subscription.ts';
import { markShared } from './shared-event.ts';

/** One way to see a live set: by arguments, and by what who asks may see. */
export interface LiveView<C, V> {
  /** Names it: who asks with the same one sees the same, and a cursor of another one is foreign. */
  scope: string;
  /** The members at the moment of the call; iterated later. */
  members(): Iterable<V>;
  /** What a change is in this view. Pure: it looks at the change alone, so it says the same of a replayed one. */
  stepsOf(change: C): readonly LiveStep<V>[];
}

/** One event as every subscriber of an audience gets it. */
export interface Delivery<E> {
  cursor: string;
  event: E;
  /** ENTERED or LEFT: who misses it does not know the set any more. */
  isMembership: boolean;
}

export interface LiveAudienceOptions<C, V, E> {
  epoch: string;
  view: LiveView<C, V>;
  present: (event: LiveEvent<V>) => E;
  onEmpty: () => void;
}

/** Changes that concern an audience, of which the events are kept: those who resume together share their execution. */
const REMEMBERED = 1000;

/** The subscribers of one view. A change is judged once for all of them. */
export class LiveAudience<C, V, E extends object> {
  readonly #options: LiveAudienceOptions<C, V, E>;
  readonly #subscriptions = new Set<LiveSubscription<never, E>>();
  readonly #remembered = new Map<number, Delivery<E>[]>();

  constructor(options: LiveAudienceOptions<C, V, E>) {
    this.#options = options;
  }

  get epoch(): string {
    return this.#options.epoch;
  }

  join(subscription: LiveSubscription<never, E>): void {
    this.#subscriptions.add(subscription);
  }

  leave(subscription: LiveSubscription<never, E>): void {
    this.#subscriptions.delete(subscription);
    if (this.#subscriptions.size === 0) this.#options.onEmpty();
  }

  /** Never throws: a view that does ends its subscriptions, and no others. */
  take(change: C, seq: number): void {
    let deliveries: Delivery<E>[];
    try {
      deliveries = this.deliveriesOf(change, seq);
    } catch (error) {
      for (const subscription of this.#subscriptions) subscription.fail(error);
      return;
    }
    for (const delivery of deliveries)
      for (const subscription of this.#subscriptions) subscription.offer(delivery);
  }

  deliveriesOf(change: C, seq: number): Delivery<E>[] {
    const known = this.#remembered.get(seq);
    if (known) return known;
    const steps = this.#options.view.stepsOf(change);
    if (steps.length === 0) return [];
    const deliveries = steps.map((step, index) =>
      this.#delivery(step, seq, index < steps.length - 1 ? index : undefined),
    );
    this.#remembered.set(seq, deliveries);
    if (this.#remembered.size > REMEMBERED) this.#remembered.delete(this.#remembered.keys().next().value!);
    return deliveries;
  }

  /** The members now, as events behind the change `seq`; iterated later. */
  snapshot(seq: number, isReset: boolean): Iterator<E> {
    return this.#snapshotOf(this.#options.view.members(), seq, isReset);
  }

  /** @param cursor undefined: behind it comes a RESET */
  gap(dropped: number, cursor = snapshotCursor(this.epoch)): E {
    return this.#options.present({ kind: 'GAP', cursor, gap: { dropped } });
  }

  *#snapshotOf(members: Iterable<V>, seq: number, isReset: boolean): Generator<E> {
    const { epoch, present } = this.#options;
    const cursor = snapshotCursor(epoch);
    if (isReset) yield present({ kind: 'RESET', cursor });
    for (const value of members) yield present({ kind: 'SNAPSHOT', cursor, value });
    yield present({ kind: 'SNAPSHOT_END', cursor: encodeCursor(epoch, seq) });
  }

  #delivery(step: LiveStep<V>, seq: number, index: number | undefined): Delivery<E> {
    const { epoch, present } = this.#options;
    const cursor = encodeCursor(epoch, seq, index);
    return { cursor, event: markShared(present({ ...step, cursor })), isMembership: step.kind !== 'UPDATED' };
  }
}
