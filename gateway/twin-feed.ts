import type { DeviceKey, TwinEventSource, TwinFeed, TwinSource } from '../resolvers/context.ts';
import type { TwinView } from '../twin/view.ts';
import type { LiveEvent } from './live/live-event.ts';
import { createLiveLog } from './live/live-log.ts';

/** One property after one change of it. Immutable: many subscribers hold the same one. */
export interface TwinChange {
  device: DeviceKey;
  view: TwinView;
}

export interface TwinFeedOptions {
  /** Names this process's log: a cursor of another one is foreign here. */
  epoch: string;
  /** Updates kept for those who resume. @default 10 000 */
  limit?: number;
  /** All twins as they are now. */
  snapshot: () => Iterable<TwinChange>;
  /** Freshness is told when an event is delivered, not when it was made. */
  sourceOf: (change: TwinChange) => TwinSource;
}

export interface PublishingTwinFeed extends TwinFeed {
  publish(change: TwinChange): void;
}

/** The live set behind the subscription `twins`, in the cloud and at the edge. */
export function createTwinFeed({ epoch, limit, snapshot, sourceOf }: TwinFeedOptions): PublishingTwinFeed {
  const log = createLiveLog<TwinChange, TwinEventSource>({
    epoch,
    limit,
    present: (event) => eventOf(event, sourceOf),
  });
  return {
    publish: (change) => {
      log.publish(change);
    },
    subscribe({ after, properties, matches }) {
      const wanted = properties && new Set(properties);
      return log.subscribe({
        after,
        snapshot,
        filter: ({ device, view }) => (!wanted || wanted.has(view.model.name)) && matches(device),
      });
    },
  };
}

function eventOf(
  event: LiveEvent<TwinChange>,
  sourceOf: (change: TwinChange) => TwinSource,
): TwinEventSource {
  if (!('value' in event)) return event;
  const { kind, cursor, value } = event;
  return {
    kind,
    cursor,
    get twin() {
      return sourceOf(value);
    },
  };
}
