import { decodeCursor, encodeCursor, snapshotCursor } from './cursor.ts';
import type { LiveEvent } from './live-event.ts';
import { LiveSubscription, type Update } from './live-subscription.ts';
import { Ring } from './ring.ts';
import { markShared } from './shared-event.ts';

export interface LiveLogOptions<T, E extends object> {
  /** Random, new at each start of the process. */
  epoch: string;
  /** Updates kept for those who resume. Default 10 000. */
  limit?: number;
  /** What subscribers get for an event of the log; of an update all get the same object. Default: the event itself. */
  present?: (event: LiveEvent<T>) => E;
}

export interface SubscribeOptions<T> {
  /** Resume behind this cursor. One that is foreign, malformed, of an incomplete snapshot or too old gives RESET. */
  after?: string | null;
  /** The set's values now. Called within `subscribe`, or not at all when the cursor can be honoured. */
  snapshot: () => Iterable<T>;
  /** Which values the subscriber wants, of snapshot, replay and updates alike. */
  filter: (value: T) => boolean;
  /** Updates queued for a slow consumer, 1 or more; beyond it the oldest are dropped and one GAP counts them. Default 1000. */
  queueLimit?: number;
}

export interface LiveLog<T, E extends object = LiveEvent<T>> {
  /** Appends an update and offers it to every subscriber. @returns its cursor */
  publish(value: T): string;
  subscribe(options: SubscribeOptions<T>): LiveSubscription<T, E>;
}

/**
 * The updates of one source, numbered by 1, the last `limit` of them kept; and its subscribers.
 *
 * Values are shared by log, snapshots and queues, so they must be immutable. `subscribe` is one synchronous cut: it
 * takes the snapshot as an array of references (8 bytes per value, held until consumed) and joins the subscribers, so
 * each update is either in the snapshot or comes after `SNAPSHOT_END`, and no value is followed by an older one. A
 * source therefore changes its state and publishes the change in the same turn, in this order.
 *
 * Every event's cursor can be resumed at. Those of a snapshot before its `SNAPSHOT_END`, and of `RESET`, lead to RESET: the rest
 * of the snapshot that they would owe is gone. That of a GAP goes on behind the gap; to see what was dropped, while the
 * log still has it, resume at the last cursor before.
 */
export function createLiveLog<T, E extends object = LiveEvent<T>>({
  epoch,
  limit = 10_000,
  present = (event) => event as unknown as E,
}: LiveLogOptions<T, E>): LiveLog<T, E> {
  const updates = new Ring<Update<T, E>>(limit);
  const subscriptions = new Set<LiveSubscription<T, E>>();
  let lastSeq = 0;

  /** Taken at once: the log moves on while a replay is consumed. Undefined when the cursor cannot be honoured. */
  const updatesAfter = (cursor: string): Update<T, E>[] | undefined => {
    const seq = decodeCursor(cursor, epoch);
    if (seq === undefined || seq > lastSeq) return undefined;
    const index = updates.size - (lastSeq - seq);
    return index < 0 ? undefined : updates.from(index);
  };

  const backlogFor = ({ after, snapshot, filter }: SubscribeOptions<T>): Iterator<E> => {
    const missed = after === undefined || after === null ? undefined : updatesAfter(after);
    if (missed) {
      return missed
        .filter(({ value }) => filter(value))
        .map(({ event }) => event)
        .values();
    }
    const reset = after !== undefined && after !== null;
    return presented(snapshotEvents([...snapshot()], filter, epoch, lastSeq, reset), present);
  };

  return {
    publish(value) {
      lastSeq++;
      const cursor = encodeCursor(epoch, lastSeq);
      const update = { cursor, value, event: markShared(present({ kind: 'UPDATED', cursor, value })) };
      updates.push(update);
      for (const subscription of subscriptions) subscription.offer(update);
      return cursor;
    },
    subscribe(options) {
      const subscription: LiveSubscription<T, E> = new LiveSubscription({
        backlog: backlogFor(options),
        filter: options.filter,
        present,
        queueLimit: options.queueLimit ?? 1000,
        onClose: () => subscriptions.delete(subscription),
      });
      subscriptions.add(subscription);
      return subscription;
    },
  };
}

function* presented<T, E>(events: Iterable<LiveEvent<T>>, present: (event: LiveEvent<T>) => E): Generator<E> {
  for (const event of events) yield present(event);
}

function* snapshotEvents<T>(
  values: T[],
  filter: (value: T) => boolean,
  epoch: string,
  seq: number,
  reset: boolean,
): Generator<LiveEvent<T>> {
  const cursor = snapshotCursor(epoch);
  if (reset) yield { kind: 'RESET', cursor };
  for (const value of values) if (filter(value)) yield { kind: 'SNAPSHOT', cursor, value };
  yield { kind: 'SNAPSHOT_END', cursor: encodeCursor(epoch, seq) };
}
