import { decodeCursor, epochOf } from './cursor.ts';
import { type Delivery, LiveAudience, type LiveView } from './live-audience.ts';
import type { LiveEvent } from './live-event.ts';
import { LiveSubscription } from './live-subscription.ts';
import { Ring } from './ring.ts';

export interface LiveLogOptions<C, V, R, E extends object> {
  /** Random, new at each start of the process. */
  epoch: string;
  /** Changes kept for those who resume. Default 10 000. */
  limit?: number;
  /** What a subscriber that asks so sees of the set. */
  viewOf: (request: R) => LiveView<C, V>;
  /** What subscribers get for an event; for a change, all of one view get the same object. */
  present: (event: LiveEvent<V>) => E;
}

export interface Resume {
  /** Go on behind this cursor. One that is foreign, malformed, of an incomplete snapshot or too old gives RESET. */
  after?: string | null;
  /** Events queued for a slow consumer, 1 or more. Default 1000. */
  queueLimit?: number;
}

export interface LiveLog<C, R, E extends object> {
  /** Appends a change and offers it to every subscriber. */
  publish(change: C): void;
  subscribe(request: R & Resume): LiveSubscription<R, E>;
}

/**
 * The changes of one source, numbered by 1, the last `limit` of them kept; and its subscribers, one audience for all that see
 * it alike.
 *
 * Changes and members are shared by log, snapshots and queues, so they must be immutable. `subscribe` is one synchronous
 * cut: it takes the members and joins the subscribers, so each change is either in the snapshot or comes after
 * `SNAPSHOT_END`, and no value is followed by an older one. A source therefore changes its state and publishes the change
 * in the same turn, in this order.
 *
 * Every event's cursor can be resumed at. Those of a snapshot before its `SNAPSHOT_END`, of `RESET`, and of a GAP that is followed
 * by one, lead to RESET: the rest of the snapshot that they would owe is gone. That of another GAP goes on behind the gap; to
 * see what was dropped, while the log still has it, resume at the last cursor before.
 */
export function createLiveLog<C, V, R, E extends object = LiveEvent<V>>({
  epoch,
  limit = 10_000,
  viewOf,
  present,
}: LiveLogOptions<C, V, R, E>): LiveLog<C, R, E> {
  const changes = new Ring<C>(limit);
  const audiences = new Map<string, LiveAudience<C, V, E>>();
  let lastSeq = 0;

  const audienceOf = (request: R): LiveAudience<C, V, E> => {
    const view = viewOf(request);
    const { scope } = view;
    const known = audiences.get(scope);
    if (known) return known;
    const audience = new LiveAudience<C, V, E>({
      epoch: epochOf(epoch, scope),
      view,
      present,
      onEmpty: () => audiences.delete(scope),
    });
    audiences.set(scope, audience);
    return audience;
  };

  /** Taken at once: the log moves on while a replay is consumed. Undefined when the cursor cannot be honoured. */
  const replay = (audience: LiveAudience<C, V, E>, after: string): Delivery<E>[] | undefined => {
    const place = decodeCursor(after, audience.epoch);
    if (!place || place.seq > lastSeq) return undefined;
    const { seq, index } = place;
    const first = index === undefined ? seq + 1 : seq;
    const oldest = lastSeq - changes.size + 1;
    if (first < oldest) return undefined;
    return audience.replay(changes.from(first - oldest), first, index);
  };

  const backlogFor = (audience: LiveAudience<C, V, E>, after: string | null | undefined): Iterator<E> => {
    const isResumed = after !== undefined && after !== null;
    const missed = isResumed ? replay(audience, after) : undefined;
    return missed ? missed.map(({ event }) => event).values() : audience.snapshot(lastSeq, isResumed);
  };

  return {
    publish(change) {
      lastSeq++;
      changes.push(change);
      for (const audience of audiences.values()) audience.take(change, lastSeq);
    },
    subscribe(request) {
      const audience = audienceOf(request);
      return new LiveSubscription<R, E>({
        seatIn: (anew) => {
          const joined = anew === undefined ? audience : audienceOf(anew);
          return {
            join: (subscription) => joined.join(subscription),
            leave: (subscription) => joined.leave(subscription),
            gap: (dropped, cursor) => joined.gap(dropped, cursor),
            afresh: () => joined.snapshot(lastSeq, true),
          };
        },
        backlog: backlogFor(audience, request.after),
        queueLimit: request.queueLimit ?? 1000,
      });
    },
  };
}
