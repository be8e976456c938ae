import type { LiveEvent } from './live-event.ts';
import { createLiveLog, type Resume } from './live-log.ts';
import type { LiveSubscription } from './live-subscription.ts';
import { stepsOf, type ValueChange } from './membership.ts';

export interface LiveSetOptions<V, E extends object> {
  epoch: string;
  limit?: number;
  present: (event: LiveEvent<V>) => E;
}

export interface Selection<V> {
  /** Names what `matches` accepts; '' where that is everything. */
  scope: string;
  /** Looks at nothing but the value. */
  matches(value: V): boolean;
}

export interface LiveSet<V, E extends object> {
  get(key: string): V | undefined;
  put(key: string, value: V): void;
  remove(key: string): void;
  subscribe(request: Selection<V> & Resume): LiveSubscription<Selection<V>, E>;
}

/** Values by their keys, and whoever follows some of them. Values are immutable: a changed one is another object. */
export function createLiveSet<V, E extends object = LiveEvent<V>>({
  epoch,
  limit,
  present,
}: LiveSetOptions<V, E>): LiveSet<V, E> {
  const values = new Map<string, V>();
  const log = createLiveLog<ValueChange<V>, V, Selection<V>, E>({
    epoch,
    limit,
    present,
    viewOf: ({ scope, matches }) => ({
      scope,
      members: () => matching([...values.values()], matches),
      stepsOf: (change) => stepsOf(change, matches),
    }),
  });
  return {
    get: (key) => values.get(key),
    put(key, after) {
      const before = values.get(key);
      values.set(key, after);
      log.publish({ before, after });
    },
    remove(key) {
      const before = values.get(key);
      if (values.delete(key)) log.publish({ before });
    },
    subscribe: (request) => log.subscribe(request),
  };
}

/** Judged when it is read: a snapshot is an array of references until then. */
export function* matching<V>(values: readonly V[], matches: (value: V) => boolean): Iterable<V> {
  for (const value of values) if (matches(value)) yield value;
}
