import type { Clock } from '../lib/clock.ts';
import type { Metrics } from '../lib/metrics.ts';
import type { EdgeStore } from '../store/contract.ts';
import type { MessageOutbox } from './message-outbox.ts';
import type { MetadataCache } from './metadata-cache.ts';

export interface NodeMetricsOptions {
  store: EdgeStore;
  messageOutbox: MessageOutbox;
  metadata: MetadataCache;
  clock: Clock;
}

export function addNodeMetrics(metrics: Metrics, options: NodeMetricsOptions): void {
  const { store, messageOutbox, metadata, clock } = options;
  metrics.gauge(
    'octograph_outbox_items',
    'Reports that the cloud has not acknowledged.',
    () => store.outboxStats(clock.now()).items,
  );
  metrics.gauge(
    'octograph_messages_waiting',
    'Messages of the bus that the cloud has not taken.',
    () => messageOutbox.items,
  );
  metrics.gauge('octograph_messages_dropped', 'Messages of the bus that found no room, ever.', () =>
    store.messages.dropped(),
  );
  metrics.gauge('octograph_devices', 'Devices of this node.', () => [...metadata.devices()].length);
}
