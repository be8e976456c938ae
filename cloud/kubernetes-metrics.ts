import type { DeviceStatusWriter } from '../kubernetes/device-status-writer.ts';
import type { WriteLease } from '../kubernetes/write-lease.ts';
import type { Metrics } from '../lib/metrics.ts';

/** What a monitoring system sees of the cluster, and of what the gateway writes to it. */
export function addKubernetesMetrics(
  metrics: Metrics,
  devices: { readonly size: number },
  statusWriter: Pick<DeviceStatusWriter, 'metrics'>,
  lease: Pick<WriteLease, 'metrics'>,
): void {
  const written = () => statusWriter.metrics();
  const gauge = metrics.gauge.bind(metrics);
  gauge('octograph_devices', 'Devices in the cluster.', () => devices.size);
  gauge(
    'octograph_status_updates_in',
    'Changes that DeviceStatus would have to show.',
    () => written().updatesIn,
  );
  gauge('octograph_status_writes_out', 'DeviceStatus requests sent.', () => written().writesOut);
  gauge(
    'octograph_status_queue_age_ms',
    'Age of the oldest change not yet written.',
    () => written().queueAgeMs,
  );
  gauge('octograph_write_lease_held', 'Whether this gateway writes to Kubernetes.', () =>
    Number(lease.metrics().held),
  );
  gauge('octograph_write_lease_gained', 'Times it got the Lease.', () => lease.metrics().gained);
  gauge('octograph_write_lease_lost', 'Times it lost the Lease.', () => lease.metrics().lost);
}
