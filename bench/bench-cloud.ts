import { EdgeDialects } from '../cloud/edge-dialects.ts';
import { ForeignDevices } from '../cloud/foreign-devices.ts';
import { NodeGate } from '../cloud/node-gate.ts';
import { NodeLinks } from '../cloud/node-links.ts';
import { createObjectReader } from '../cloud/object-reader.ts';
import { createContextFactory } from '../cloud/operation-context.ts';
import { Replica, type ReplicaOptions } from '../cloud/replica.ts';
import { CloudTwins } from '../cloud/twin-reader.ts';
import type { Cluster } from '../kubernetes/cluster.ts';
import { ObjectCache } from '../kubernetes/object-cache.ts';
import { systemClock } from '../lib/clock.ts';
import { createId } from '../lib/ids.ts';
import { silentLogger } from '../lib/logger.ts';
import { ChangeTracker } from '../resolvers/change-tracker.ts';
import { createLedger } from '../resolvers/conflict.ts';
import type { LiveFeeds } from '../resolvers/context.ts';
import { MemoryDisk } from '../store/memory/disk.ts';
import { openMemoryStore } from '../store/memory-store.ts';
import type { KubeNode, KubePod } from '../twin/cluster-object.ts';
import type { DeviceModelObject, DeviceObject } from '../twin/device-object.ts';

const PROPERTIES = ['temperature', 'setpoint', 'mode', 'enabled', 'heating'];
const API_VERSION = 'devices.kubeedge.io/v1beta1';

/** The cloud's services over caches and a replica that are filled by hand: what the query path rests on, without sockets. */
export function createBenchCloud({ devices: count, nodes: nodeCount }: { devices: number; nodes: number }) {
  const nodes = new ObjectCache<KubeNode>();
  const devices = new ObjectCache<DeviceObject>({ nodeOf: ({ spec }) => spec.nodeName });
  const deviceModels = new ObjectCache<DeviceModelObject>();
  const pods = new ObjectCache<KubePod>({ nodeOf: ({ spec }) => spec.nodeName });
  const cluster = { nodes, devices, deviceModels, pods, deviceStatuses: new ObjectCache() };
  const services = createBenchServices(cluster as unknown as Cluster);
  const { replica } = services;

  deviceModels.put({
    apiVersion: API_VERSION,
    kind: 'DeviceModel',
    metadata: { name: 'thermostat', namespace: 'default', uid: 'model' },
    spec: {
      properties: PROPERTIES.map((name) => ({ name, type: 'FLOAT', accessMode: 'ReadWrite', unit: '°C' })),
    },
  });
  const now = Date.now();
  for (let index = 0; index < nodeCount; index++) {
    const name = `edge-${index}`;
    nodes.put({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name, uid: name },
      status: { conditions: [{ type: 'Ready', status: 'True' }] },
    });
    replica.connect(name, 'store');
    replica.applySnapshot(
      name,
      { type: 'snapshot', first: true, last: true, updates: [], states: [], sentAt: now },
      now,
    );
  }
  for (let index = 0; index < count; index++) {
    const name = `device-${index}`;
    const nodeName = `edge-${index % nodeCount}`;
    devices.put({
      apiVersion: API_VERSION,
      kind: 'Device',
      metadata: { name, namespace: 'default', uid: name },
      spec: { deviceModelRef: { name: 'thermostat' }, nodeName, properties: [] },
    });
    const device = `default/${name}`;
    const reported = { value: 20.5, quality: 'GOOD', observedAt: now } as const;
    const sync = { state: 'NONE', since: now } as const;
    replica.apply(
      nodeName,
      PROPERTIES.map((property, seq) => ({ device, uid: name, property, seq: seq + 1, reported, sync })),
    );
    replica.applyStates(nodeName, [{ device, uid: name, state: 'online', aliveAt: now }], now, now);
  }
  return services;
}

export interface BenchParts {
  /** Of the replica, what is not that every node holds everything and nobody hears of it. */
  replica?: Partial<ReplicaOptions>;
  /** Without it nothing can be subscribed to. */
  feedsOf?(twins: CloudTwins): LiveFeeds;
}

/** The cloud's services over the caches of a cluster; no node is connected. */
export function createBenchServices(cluster: Cluster, { replica: hooks, feedsOf }: BenchParts = {}) {
  const links = new NodeLinks(systemClock);
  const never = { onTwin() {}, onForgotten() {}, onCollected() {}, onState() {} };
  const replica = new Replica({ holds: () => true, isLocalOnly: () => false, ...never, ...hooks });
  const foreign = new ForeignDevices({ cluster, replica });
  const objects = createObjectReader(cluster);
  const twins = new CloudTwins({
    objects,
    replica,
    foreignReport: (device) => foreign.reportOf(device),
    links,
    clock: systemClock,
    onDeviceChange: () => () => {},
  });
  const store = openMemoryStore({ disk: new MemoryDisk(), clock: systemClock, logger: silentLogger });
  const base = {
    clock: systemClock,
    createId,
    place: { kind: 'CLOUD', version: 'bench', kubernetes: () => cluster.freshness() },
    objects,
    live: feedsOf?.(twins) ?? { nodes: none, pods: none, devices: none, twins: none },
    messages: {
      subscribe: () => fail('messages'),
      cloudNow: () => undefined,
      record: () => undefined,
      publish: () => fail('messages'),
    },
    commands: { accept: () => fail('commands'), reachable: () => false },
    changes: new ChangeTracker({
      store,
      twins: { known: () => undefined, onChange: () => () => {} },
      deviceOf: () => null,
      clock: systemClock,
    }),
    ledger: createLedger(store),
    links,
  } as const;
  const contextFor = createContextFactory({
    base,
    twins,
    links,
    gate: new NodeGate({ clock: systemClock }),
    dialects: new EdgeDialects('bench'),
    clock: systemClock,
  });
  return { contextFor, replica, twins, objects, links };
}

const none = { subscribe: () => fail('subscriptions') };

function fail(what: string): never {
  throw new Error(`the bench has no ${what}`);
}
