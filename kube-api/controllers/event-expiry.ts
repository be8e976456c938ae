import { type Clock, every } from '../../lib/clock.ts';
import type { Close } from '../../lib/disposables.ts';
import { events, lastSeenOf } from '../kinds/event.ts';
import type { ObjectStore } from '../object-store.ts';

/** How long an event is kept after it last happened; the API server's default. */
const EVENT_TTL_MS = 3_600_000;
const SWEEP_EVERY_MS = 60_000;

/** Deletes old events: they are the one kind that only ever grows. */
export function startEventExpiry({ store, clock }: { store: ObjectStore; clock: Clock }): Close {
  return every(clock, SWEEP_EVERY_MS, () => {
    for (const event of store.list(events.plural)) {
      if (clock.now() - Date.parse(lastSeenOf(event)) > EVENT_TTL_MS) store.delete(events.plural, event);
    }
  });
}
