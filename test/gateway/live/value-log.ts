import { encodeCursor } from '../../../gateway/live/cursor.ts';
import type { LiveEvent } from '../../../gateway/live/live-event.ts';
import { createLiveLog, type Resume } from '../../../gateway/live/live-log.ts';
import { matching } from '../../../gateway/live/live-set.ts';
import type { LiveSubscription } from '../../../gateway/live/live-subscription.ts';

export interface Wish<T> {
  snapshot: () => Iterable<T>;
  filter: (value: T) => boolean;
}

export interface ValueLog<T> {
  /** @returns its cursor for those who want everything */
  publish(value: T): string;
  subscribe(wish: Wish<T> & Resume): LiveSubscription<Wish<T>, LiveEvent<T>>;
}

export const everything = () => true;

/** A log of members that change and neither come nor go; a filter is a scope of its own. */
export function createValueLog<T>({ epoch, limit }: { epoch: string; limit?: number }): ValueLog<T> {
  const scopes = new Map<Wish<T>['filter'], string>([[everything, '']]);
  let seq = 0;
  const log = createLiveLog<T, T, Wish<T>>({
    epoch,
    limit,
    viewOf({ snapshot, filter }) {
      if (!scopes.has(filter)) scopes.set(filter, `filter ${scopes.size}`);
      return {
        scope: scopes.get(filter)!,
        members: () => matching([...snapshot()], filter),
        stepsOf: (value) => (filter(value) ? [{ kind: 'UPDATED', value }] : []),
      };
    },
    present: (event) => event,
  });
  return {
    publish(value) {
      log.publish(value);
      return encodeCursor(epoch, ++seq);
    },
    subscribe: (wish) => log.subscribe(wish),
  };
}
