import type { Clock } from '../../lib/clock.ts';
import type { Close } from '../../lib/disposables.ts';
import { encodeCursor, snapshotCursor } from './cursor.ts';
import { FirstInMap } from './first-in-map.ts';
import type { LiveEvent, LiveStep } from './live-event.ts';
import type { LiveSubscription } from './live-subscription.ts';
import { markShared } from './shared-event.ts';
import type { Stage } from './stage.ts';

/** One way to see a live set: by arguments, and by what who asks may see. */
export interface LiveView<C, V> {
  /** Names it: who asks with the same one sees the same, and a cursor of another one is foreign. */
  scope: string;
  /** The members at the moment of the call; iterated later. */
  members(): Iterable<V>;
  /** What a change is in this view. Pure: it looks at the change alone, so it says the same of a replayed one. */
  stepsOf(change: C): readonly LiveStep<V>[];
  /** Folds the steps before they are shared; absent: each is told as it comes. */
  flow?: { clock: Clock; open(): Stage<V> };
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

/** The subscribers of one view. A change is judged, and folded, once for all of them. */
export class LiveAudience<C, V, E extends object> {
  readonly #options: LiveAudienceOptions<C, V, E>;
  readonly #subscriptions = new Set<LiveSubscription<never, E>>();
  readonly #remembered = new FirstInMap<number, Delivery<E>[]>();
  readonly #stage: Stage<V> | undefined;
  #cancelTimer: Close | undefined;

  constructor(options: LiveAudienceOptions<C, V, E>) {
    this.#options = options;
    this.#stage = options.view.flow?.open();
  }

  get epoch(): string {
    return this.#options.epoch;
  }

  join(subscription: LiveSubscription<never, E>): void {
    this.#subscriptions.add(subscription);
  }

  leave(subscription: LiveSubscription<never, E>): void {
    this.#subscriptions.delete(subscription);
    if (this.#subscriptions.size > 0) return;
    this.#cancelTimer?.();
    this.#options.onEmpty();
  }

  /** Never throws: a view that does ends its subscriptions, and no others. */
  take(change: C, seq: number): void {
    try {
      this.#offer(this.#stage ? this.#folded(change, seq, this.#stage) : this.#deliveriesOf(change, seq));
    } catch (error) {
      for (const subscription of this.#subscriptions) subscription.fail(error);
    }
  }

  /**
   * What was missed of the changes `first`, `first + 1`, …
   * @param index of the last event of the first of them that was not; undefined: it is missed as a whole
   * @returns undefined where there is no such place
   */
  replay(changes: readonly C[], first: number, index: number | undefined): Delivery<E>[] | undefined {
    const { view } = this.#options;
    if (index !== undefined && view.stepsOf(changes[0]!).length <= index + 1) return undefined;
    // Its own: what the others were told since says nothing of what this one was.
    const stage = view.flow?.open();
    if (stage?.isTimed) return undefined;
    return changes.flatMap((change, at) => {
      const seq = first + at;
      const after = at === 0 ? index : undefined;
      if (stage) return this.#fold(change, seq, stage, 0, after);
      const deliveries = this.#deliveriesOf(change, seq);
      return after === undefined ? deliveries : deliveries.slice(after + 1);
    });
  }

  /** The members now, as events behind the change `seq`; iterated later. */
  snapshot(seq: number, isReset: boolean): Iterator<E> {
    const members = this.#options.view.members();
    const stage = this.#stage;
    return this.#snapshotOf(
      stage ? Array.from(members, (member) => stage.shown(member)) : members,
      seq,
      isReset,
    );
  }

  /** @param cursor undefined: behind it comes a RESET */
  gap(dropped: number, cursor = snapshotCursor(this.epoch)): E {
    return this.#options.present({ kind: 'GAP', cursor, gap: { dropped } });
  }

  #offer(deliveries: readonly Delivery<E>[]): void {
    for (const delivery of deliveries)
      for (const subscription of this.#subscriptions) subscription.offer(delivery);
  }

  #deliveriesOf(change: C, seq: number): Delivery<E>[] {
    const known = this.#remembered.get(seq);
    if (known) return known;
    const steps = this.#options.view.stepsOf(change);
    if (steps.length === 0) return [];
    const deliveries = steps.map((step, index) =>
      this.#delivery(step, this.#cursorOf(seq, index < steps.length - 1 ? index : undefined)),
    );
    this.#remembered.set(seq, deliveries);
    if (this.#remembered.size > REMEMBERED) this.#remembered.shift();
    return deliveries;
  }

  #folded(change: C, seq: number, stage: Stage<V>): Delivery<E>[] {
    const now = this.#options.view.flow!.clock.monotonic();
    const due = this.#due(stage, now);
    const deliveries = this.#fold(change, seq, stage, now, undefined);
    this.#arm(stage, now);
    return [...due, ...deliveries];
  }

  #fold(change: C, seq: number, stage: Stage<V>, now: number, after: number | undefined): Delivery<E>[] {
    const steps = this.#options.view.stepsOf(change);
    const deliveries: Delivery<E>[] = [];
    for (const [index, step] of steps.entries()) {
      if (after !== undefined && index <= after) continue;
      const told = stage.take(step, now);
      const cursor = this.#cursorOf(seq, index < steps.length - 1 ? index : undefined);
      if (told) deliveries.push(this.#delivery(told, cursor));
    }
    return deliveries;
  }

  #due(stage: Stage<V>, now: number): Delivery<E>[] {
    return stage.due(now).map((step) => this.#delivery(step, snapshotCursor(this.epoch)));
  }

  #arm(stage: Stage<V>, now: number): void {
    const { nextDueAt } = stage;
    if (nextDueAt === undefined || this.#cancelTimer) return;
    const { clock } = this.#options.view.flow!;
    this.#cancelTimer = clock.setTimer(Math.max(0, nextDueAt - now), () => {
      this.#cancelTimer = undefined;
      const dueAt = clock.monotonic();
      this.#offer(this.#due(stage, dueAt));
      this.#arm(stage, dueAt);
    });
  }

  *#snapshotOf(members: Iterable<V>, seq: number, isReset: boolean): Generator<E> {
    const { epoch, present } = this.#options;
    const cursor = snapshotCursor(epoch);
    if (isReset) yield present({ kind: 'RESET', cursor });
    for (const value of members) yield present({ kind: 'SNAPSHOT', cursor, value });
    yield present({ kind: 'SNAPSHOT_END', cursor: this.#cursorOf(seq, undefined) });
  }

  /** Where something may still wait to be told, no place is one to go on behind. */
  #cursorOf(seq: number, index: number | undefined): string {
    return this.#stage?.isTimed ? snapshotCursor(this.epoch) : encodeCursor(this.epoch, seq, index);
  }

  #delivery(step: LiveStep<V>, cursor: string): Delivery<E> {
    const event = markShared(this.#options.present({ ...step, cursor }));
    return { cursor, event, isMembership: step.kind !== 'UPDATED' };
  }
}
