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
    'Connections, sessions, packets and subscriptions that a limit of the broker turned away.',
    () => facts().refusals,
  );
  metrics.gauge('octograph_mqtt_sessions', 'Persistent sessions.', () => facts().sessions);
  metrics.gauge(
    'octograph_mqtt_queued_messages',
    'Messages that wait for the clients of sessions, or for their acknowledgement.',
    () => facts().queuedMessages,
  );
  metrics.gauge(
    'octograph_mqtt_queued_bytes',
    'Bytes of these messages and their topics.',
    () => facts().queuedBytes,
  );
  metrics.gauge(
    'octograph_mqtt_dropped_messages',
    'Messages for sessions that were dropped because their queue was full.',
    () => facts().droppedMessages,
  );
  metrics.gauge(
    'octograph_mqtt_expired_sessions',
    'Sessions that ended because their client stayed away.',
    () => facts().expiredSessions,
  );
}
