import { decodeCursor, encodeCursor, snapshotCursor } from './cursor.ts';
import type { LiveEvent, UpdatedEvent } from './live-event.ts';
import { LiveSubscription } from './live-subscription.ts';
import { Ring } from './ring.ts';

export interface LiveLogOptions {
  /** Random, new at each start of the process. */
  epoch: string;
  /** Updates kept for those who resume. Default 10 000. */
  limit?: number;
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

export interface LiveLog<T> {
  /** Appends an update and offers it to every subscriber. @returns its cursor */
  publish(value: T): string;
  subscribe(options: SubscribeOptions<T>): LiveSubscription<T>;
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
export function createLiveLog<T>({ epoch, limit = 10_000 }: LiveLogOptions): LiveLog<T> {
  const updates = new Ring<UpdatedEvent<T>>(limit);
  const subscriptions = new Set<LiveSubscription<T>>();
  let lastSeq = 0;

  /** Taken at once: the log moves on while a replay is consumed. Undefined when the cursor cannot be honoured. */
  const updatesAfter = (cursor: string): UpdatedEvent<T>[] | undefined => {
    const seq = decodeCursor(cursor, epoch);
    if (seq === undefined || seq > lastSeq) return undefined;
    const index = updates.size - (lastSeq - seq);
    return index < 0 ? undefined : updates.from(index);
  };

  const backlogFor = ({ after, snapshot, filter }: SubscribeOptions<T>): Iterator<LiveEvent<T>> => {
    if (after === undefined || after === null) {
      return snapshotEvents([...snapshot()], filter, epoch, lastSeq, false);
    }
    const missed = updatesAfter(after);
    if (!missed) return snapshotEvents([...snapshot()], filter, epoch, lastSeq, true);
    return missed.filter(({ value }) => filter(value)).values();
  };

  return {
    publish(value) {
      lastSeq++;
      const event: UpdatedEvent<T> = { kind: 'UPDATED', cursor: encodeCursor(epoch, lastSeq), value };
      updates.push(event);
      for (const subscription of subscriptions) subscription.offer(event);
      return event.cursor;
    },
    subscribe(options) {
      const subscription: LiveSubscription<T> = new LiveSubscription({
        backlog: backlogFor(options),
        filter: options.filter,
        queueLimit: options.queueLimit ?? 1000,
        onClose: () => subscriptions.delete(subscription),
      });
      subscriptions.add(subscription);
      return subscription;
    },
  };
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
