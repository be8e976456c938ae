import type { BrokerFacts } from '../bus/broker.ts';
import type { Metrics } from '../lib/metrics.ts';

export function addBrokerMetrics(metrics: Metrics, facts: () => BrokerFacts): void {
  metrics.gauge('octograph_mqtt_clients', 'Clients of the embedded broker.', () => facts().clients);
  metrics.gauge(
    'octograph_mqtt_retained_topics',
    'Topics with a retained message.',
    () => facts().retainedTopics,
  );
  metrics.gauge(
    'octograph_mqtt_throttled_ms',
    'Milliseconds that clients were left unread because they sent too much.',
    () => facts().throttledMs,
  );
  metrics.gauge(
    'octograph_mqtt_refusals',
    'Connections, packets and subscriptions that a limit of the broker turned away.',
    () => facts().refusals,
  );
}
