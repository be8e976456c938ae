import type { Metrics } from '../lib/metrics.ts';
import type { KubernetesFreshness, LinkSource } from '../resolvers/context.ts';
import type { LinkState } from '../tunnel/contract.ts';

/** The node's own link, as its API tells it. */
export const linkSourceOf = (
  { up, since, rttMs, bytesIn, bytesOut, reconnects, lastError }: LinkState,
  lastSyncAt: number | undefined,
  lagMs: number,
): LinkSource => ({
  state: up ? 'UP' : 'DOWN',
  since,
  lastSyncAt,
  rttMs: up ? rttMs : undefined,
  lagMs,
  bytesIn,
  bytesOut,
  reconnects,
  lastError,
});

/** The cloud tells every change at once: what is here was right while the link was last up. */
export function kubernetesFreshness(
  { up, lastError }: LinkState,
  lastUpAt: number | undefined,
  now: number,
): KubernetesFreshness {
  if (up) return { current: true, asOf: now, reason: undefined };
  return { current: false, asOf: lastUpAt, reason: lastError ?? 'not connected yet' };
}

export function addLinkMetrics(metrics: Metrics, link: () => LinkSource): void {
  metrics.gauge('octograph_link_up', 'Whether the tunnel to the cloud is up.', () =>
    link().state === 'UP' ? 1 : 0,
  );
  metrics.gauge(
    'octograph_link_rtt_ms',
    'Round trip of the last ping; NaN while it is down.',
    () => link().rttMs ?? Number.NaN,
  );
  metrics.gauge(
    'octograph_link_lag_ms',
    'Age of the oldest report not acknowledged.',
    () => link().lagMs ?? 0,
  );
  metrics.gauge('octograph_link_bytes_in', 'Bytes of frames from the cloud.', () => link().bytesIn ?? 0);
  metrics.gauge('octograph_link_bytes_out', 'Bytes of frames to the cloud.', () => link().bytesOut ?? 0);
  metrics.gauge('octograph_link_reconnects', 'Times it came up again.', () => link().reconnects ?? 0);
}
