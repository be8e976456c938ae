import { type Clock, every, toIso } from '../lib/clock.ts';
import { type Closable, Disposables } from '../lib/disposables.ts';
import type { Logger } from '../lib/logger.ts';
import type { KubeEvent, KubeNode } from '../twin/cluster-object.ts';
import {
  type DeviceId,
  type DeviceModelObject,
  type DeviceObject,
  idOf,
  splitId,
} from '../twin/device-object.ts';
import { type DeviceProblem, problemsOf } from '../twin/device-problem.ts';
import type { KubeClient } from './client.ts';
import { eventName, newEvent, repeatEvent } from './event-object.ts';
import type { ObjectCache } from './object-cache.ts';
import { pause } from './pause.ts';
import { startReconciler } from './reconciler.ts';
import { collectionPath, EVENTS, objectPath } from './resources.ts';
import { WriteBudget } from './write-budget.ts';
import { fencedClient, UNFENCED, type WriteFence } from './write-fence.ts';

export interface DeviceAuditorOptions {
  client: KubeClient;
  /** @default always */
  fence?: WriteFence;
  devices: ObjectCache<DeviceObject>;
  deviceModels: ObjectCache<DeviceModelObject>;
  nodes: ObjectCache<KubeNode>;
  events: ObjectCache<KubeEvent>;
  clock: Clock;
  /** 0 ≤ random() < 1 */
  random: () => number;
  logger: Logger;
}

/** A device and its model are often applied in one go: a problem is told if it lasts for this long, at most twice that. */
const SETTLE_MS = 5_000;

/** Kubernetes forgets an Event after an hour: a problem that lasts is told again before. */
const REPEAT_MS = 30 * 60_000;

/** Events are for people to read. */
const EVENTS_PER_SECOND = 1;

/**
 * Tells by Events which devices name a model or a node that is not there, or are annotated with what nobody can follow: when it begins, when it comes back, and every half
 * hour while it lasts. One Event per device and problem, with a count; one write per second at most.
 */
export function startDeviceAuditor({
  client: unfenced,
  fence = UNFENCED,
  devices,
  deviceModels,
  nodes,
  events,
  clock,
  random,
  logger,
}: DeviceAuditorOptions): Closable {
  const client = fencedClient(unfenced, fence);
  const open = new Disposables();
  const budget = new WriteBudget(EVENTS_PER_SECOND);
  /** The problems that last and were told, as names of their Events. At most one entry per device. */
  const told = new Map<DeviceId, Set<string>>();
  /** Devices to be judged at the next tick, and at the one after it. */
  let settling = new Set<DeviceId>();
  let suspects = new Set<DeviceId>();

  const known = {
    model: (namespace: string, name: string) => deviceModels.get(namespace, name),
    hasNode: (name: string) => nodes.get('', name) !== undefined,
  };
  const synced = Promise.all([devices, deviceModels, nodes, events].map(({ whenSynced }) => whenSynced));
  const reconciler = open.use(
    startReconciler({ what: 'write Events', reconcile, after: synced, fence, clock, random, logger }),
  );

  async function reconcile(id: DeviceId, signal: AbortSignal): Promise<void> {
    const [namespace, name] = splitId(id);
    const device = devices.get(namespace, name);
    if (!device) {
      told.delete(id);
      return;
    }
    const problems = problemsOf(device, known).map((problem) => ({
      problem,
      event: eventName(device, problem),
    }));
    const before = told.get(id);
    const lasting = new Set(problems.map(({ event }) => event).filter((event) => before?.has(event)));
    told.set(id, lasting);
    for (const { problem, event } of problems) {
      if (lasting.has(event)) continue;
      await tell(device, problem, event, signal);
      lasting.add(event);
    }
    if (lasting.size === 0) told.delete(id);
  }

  async function tell(
    device: DeviceObject,
    problem: DeviceProblem,
    name: string,
    signal: AbortSignal,
  ): Promise<void> {
    await pause(clock, budget.reserve(clock.monotonic()), signal);
    if (signal.aborted) return;
    const { namespace } = device.metadata;
    const now = toIso(clock.now());
    const existing = events.get(namespace ?? '', name);
    if (existing) {
      const path = objectPath(EVENTS, { namespace, name });
      await client.patch(path, repeatEvent(existing, now), 'application/merge-patch+json');
    } else {
      await client.create(collectionPath(EVENTS, namespace), newEvent(device, problem, now));
    }
  }

  function look(device: DeviceObject): void {
    const id = idOf(device);
    if (told.has(id) || problemsOf(device, known).length > 0) suspects.add(id);
  }
  const lookAll = (found: Iterable<DeviceObject>) => {
    for (const device of found) look(device);
  };

  synced.then(() => lookAll(devices.list()));
  open.add(devices.onChange(({ object }) => look(object)));
  open.add(
    deviceModels.onChange(({ object: { metadata } }) =>
      lookAll(devices.byModel(metadata.namespace ?? '', metadata.name)),
    ),
  );
  open.add(
    nodes.onChange(({ kind, object: { metadata } }) => {
      if (kind !== 'updated') lookAll(devices.byNode(metadata.name));
    }),
  );
  open.add(
    every(clock, SETTLE_MS, () => {
      for (const id of settling) reconciler.enqueue(id);
      settling = suspects;
      suspects = new Set();
    }),
  );
  open.add(
    every(clock, REPEAT_MS, () => {
      const again = [...told.keys()];
      told.clear();
      for (const id of again) reconciler.enqueue(id);
    }),
  );

  return { close: () => open.close() };
}
