import type { Clock } from '../lib/clock.ts';
import { type Closable, Disposables } from '../lib/disposables.ts';
import type { Logger } from '../lib/logger.ts';
import {
  type DeviceId,
  type DeviceObject,
  type DeviceStatusObject,
  idOf,
  splitId,
} from '../twin/device-object.ts';
import type { KubeClient } from './client.ts';
import { type DeviceStatusPlan, type DeviceStatusReport, planDeviceStatus } from './device-status.ts';
import type { InformerStatus } from './informer.ts';
import type { ObjectCache } from './object-cache.ts';
import { pause } from './pause.ts';
import { startReconciler } from './reconciler.ts';
import { collectionPath, DEVICE_STATUSES, objectPath } from './resources.ts';
import { WriteBudget } from './write-budget.ts';
import { fencedClient, UNFENCED, type WriteFence } from './write-fence.ts';

export interface DeviceStatusWriterOptions {
  client: KubeClient;
  /** @default always */
  fence?: WriteFence;
  devices: ObjectCache<DeviceObject>;
  deviceStatuses: ObjectCache<DeviceStatusObject>;
  /** What a device's status is to say now; undefined where nothing is known of it, which writes nothing. */
  statusOf: (device: DeviceId) => DeviceStatusReport | undefined;
  /** Whether we write for this node's devices: elsewhere a CloudCore does, and we never. */
  manages: (nodeName: string) => boolean;
  clock: Clock;
  /** 0 ≤ random() < 1 */
  random: () => number;
  logger: Logger;
  /** Requests to the API server, above 0. @default 10 */
  writesPerSecond?: number;
}

export interface DeviceStatusMetrics {
  /** Calls of `markDirty`. */
  updatesIn: number;
  /** Requests sent, failed ones included. */
  writesOut: number;
  /** Devices that wait to be written. */
  dirty: number;
  /** How long the oldest of them waits, in milliseconds, while they can be written. */
  queueAgeMs: number;
}

export interface DeviceStatusWriter extends Closable {
  markDirty(device: DeviceId): void;
  /** Those of the devices that are dirty come next: their node goes away, say. */
  prioritize(devices: Iterable<DeviceId>): void;
  metrics(): DeviceStatusMetrics;
  /** What waits, and for what, for `/readyz?verbose`. */
  status(): InformerStatus;
}

/**
 * Keeps DeviceStatus in Kubernetes at what is known of each device, within the budget: however many updates come in, a
 * device is one entry in the queue, and its turn writes what holds then. Whoever changes or deletes a DeviceStatus of ours
 * sees it put right.
 */
export function startDeviceStatusWriter({
  client: unfenced,
  fence = UNFENCED,
  devices,
  deviceStatuses,
  statusOf,
  manages,
  clock,
  random,
  logger,
  writesPerSecond = 10,
}: DeviceStatusWriterOptions): DeviceStatusWriter {
  const client = fencedClient(unfenced, fence);
  const open = new Disposables();
  const budget = new WriteBudget(writesPerSecond);
  let updatesIn = 0;
  let writesOut = 0;

  const reconciler = open.use(
    startReconciler({
      what: 'write DeviceStatus',
      reconcile,
      after: Promise.all([devices.whenSynced, deviceStatuses.whenSynced]),
      fence,
      clock,
      random,
      logger,
    }),
  );

  async function reconcile(id: DeviceId, signal: AbortSignal): Promise<void> {
    if (plan(id).kind === 'none') return;
    await pause(clock, budget.reserve(clock.monotonic()), signal);
    if (signal.aborted) return;
    // Again: what is written is what holds now, not when the wait began.
    const change = plan(id);
    if (change.kind === 'none') return;
    writesOut++;
    const [namespace, name] = splitId(id);
    if (change.kind === 'create') {
      await client.create(collectionPath(DEVICE_STATUSES, namespace), change.object);
    } else {
      const path = objectPath(DEVICE_STATUSES, { namespace, name });
      await client.patch(path, change.body, 'application/merge-patch+json');
    }
  }

  function plan(id: DeviceId): DeviceStatusPlan {
    const [namespace, name] = splitId(id);
    const device = devices.get(namespace, name);
    const report = device && isOurs(device) ? statusOf(id) : undefined;
    if (!device || !report) return { kind: 'none' };
    return planDeviceStatus(device, deviceStatuses.get(namespace, name), report);
  }

  const isOurs = ({ spec }: DeviceObject) => spec.nodeName !== undefined && manages(spec.nodeName);

  // A change of either object is looked at: our own writes come back too, and are found to be what is wanted.
  open.add(
    deviceStatuses.onChange(({ object }) => {
      const { namespace, name } = object.metadata;
      const device = devices.get(namespace ?? '', name);
      if (device && isOurs(device)) reconciler.enqueue(idOf(device));
    }),
  );
  open.add(
    devices.onChange(({ kind, object }) => {
      if (kind !== 'deleted' && isOurs(object)) reconciler.enqueue(idOf(object));
    }),
  );

  function detail(): string {
    const waiting = `devices to be written: ${reconciler.size}`;
    // A cluster without the kind (KubeEdge before 1.23) never gets beyond this: the line of the kind says why.
    if (!devices.synced || !deviceStatuses.synced)
      return `${waiting}, once devices and devicestatuses are known`;
    if (!reconciler.working) return `${waiting}, once this gateway holds the write Lease`;
    return `${waiting}; the oldest waits for ${Math.round(reconciler.oldestAgeMs)} ms`;
  }

  return {
    markDirty(device) {
      updatesIn++;
      reconciler.enqueue(device);
    },
    prioritize: reconciler.prioritize,
    metrics: () => ({
      updatesIn,
      writesOut,
      dirty: reconciler.size,
      queueAgeMs: reconciler.oldestAgeMs,
    }),
    status: () => ({ name: 'devicestatus-writer', ok: true, detail: detail() }),
    close: () => open.close(),
  };
}
