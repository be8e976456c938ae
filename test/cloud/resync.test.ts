import { describe, expect, it, onTestFinished } from 'vitest';
import { watchDevices } from '../../cloud/device-news.ts';
import { ReplicaArchive } from '../../cloud/replica-archive.ts';
import { ReplicaIds } from '../../cloud/replica-ids.ts';
import { MetadataCache } from '../../edge-node/metadata-cache.ts';
import { ObjectIntake } from '../../edge-node/object-intake.ts';
import { EdgeSync, type EdgeSyncOptions } from '../../edge-node/sync.ts';
import { silentLogger } from '../../lib/logger.ts';
import { MemoryDisk } from '../../store/memory/disk.ts';
import { openMemoryStore } from '../../store/memory-store.ts';
import type { CloudSession } from '../../tunnel/contract.ts';
import type { DownMessage, SnapshotUp, UpMessage } from '../../tunnel/messages.ts';
import type { KubeConfigMap, KubePod } from '../../twin/cluster-object.ts';
import { EdgeFixture, MODEL } from '../edge-node/fixture.ts';
import { deviceObject } from '../harness/objects.ts';
import { waitFor } from '../harness/wait.ts';
import { createNodeSessions, startMemoryEdge } from '../tunnel/memory-tunnel.ts';
import { CloudFixture } from './fixture.ts';

/** An edge node's store, registry and sync, the cloud's replica and handler, and the tunnel between them. */
class Link {
  readonly metadata = new MetadataCache([]);
  cloud = new CloudFixture();
  readonly edge = new EdgeFixture();
  readonly up: UpMessage[] = [];
  readonly down: DownMessage[] = [];
  replicaId = 'replica-1';
  /** The node takes its objects from the cloud, and not from the test. */
  adopts = false;
  #sync = this.#openSync();
  #tunnel: ReturnType<typeof startMemoryEdge> | undefined;

  constructor() {
    onTestFinished(() => this.disconnect());
  }

  /** The device, in Kubernetes and at the node. */
  addDevice(name: string, properties = ['temperature', 'setpoint']): void {
    this.cloud.cluster.putDevice(name);
    this.edge.registry.setDevice(deviceObject(name), MODEL);
    for (const property of properties) this.report(name, 20, property);
  }

  report(name: string, value: number, property = 'temperature'): void {
    this.edge.registry.report(`default/${name}`, property, this.edge.reported(value));
    this.edge.store.flush();
  }

  valueOf(name: string, property = 'temperature') {
    return this.cloud.replica.twin('edge-a', `default/${name}`, `uid-${name}`, property)?.reported?.value;
  }

  /** A gateway that starts anew, with what its archive kept of the last one; absent: with nothing. */
  restartCloud({ replicaId, archived }: { replicaId: string; archived: boolean }): void {
    const before = this.cloud;
    this.cloud = new CloudFixture();
    this.replicaId = replicaId;
    for (const device of before.cluster.devices.list()) this.cloud.cluster.devices.put(device);
    if (archived) {
      const known = [...before.replica.held('edge-a')].flatMap(([, twins]) => twins);
      this.cloud.replica.restore('edge-a', known, []);
    }
  }

  /** @returns when both ends agree that the cloud has all that the node has */
  async connect(minor = 1): Promise<void> {
    this.cloud.cluster.markSynced();
    const { handler } = this.cloud.edgeNodes();
    const nodes = createNodeSessions(
      {
        ...handler,
        onMessage: (session, message) => {
          this.up.push(message);
          return handler.onMessage(session, message);
        },
      },
      { replicaId: this.replicaId },
    );
    const { store } = this.edge;
    this.up.length = this.down.length = 0;
    let session: CloudSession;
    this.#tunnel = startMemoryEdge(
      nodes,
      'edge-a',
      {
        onConnected: (live) => {
          session = Object.create(live, { minor: { value: minor } });
          this.#sync.onConnected(session);
        },
        onMessage: (_live, message) => {
          this.down.push(message);
          if (message.type !== 'taken' && message.type !== 'publish') this.#sync.onMessage(session, message);
        },
        onDisconnected: (reason, code) => this.#sync.onDisconnected(reason, code),
      },
      {
        hello: () => ({
          ...store.identity,
          ...store.sync,
          ...(minor >= 1 && { lastSeq: store.lastSeq() }),
          schemaHash: 'abc',
          version: '1',
        }),
      },
    );
    const isKnown = minor === 0 && store.sync.replicaId === this.replicaId;
    await waitFor('the cloud to have everything', () => {
      for (const pair of this.#tunnel?.pairs ?? []) pair.flush();
      store.flush();
      return isKnown
        ? store.readOutbox(0, 1).length === 0
        : this.down.some((message) => message.type === 'acked' && message.snapshot);
    });
  }

  flush(): void {
    this.edge.store.flush();
    for (const pair of this.#tunnel?.pairs ?? []) pair.flush();
  }

  async disconnect(): Promise<void> {
    const closed = this.#tunnel?.link.close();
    for (const pair of this.#tunnel?.pairs ?? []) pair.flush();
    await closed;
    this.#tunnel = undefined;
  }

  /** @param change what is done to its file meanwhile */
  async restartEdge(change: () => Promise<void>): Promise<void> {
    this.#sync.close();
    await change();
    this.#sync = this.#openSync();
    for (const device of this.cloud.cluster.devices.list()) this.edge.registry.setDevice(device, MODEL);
  }

  get types(): string[] {
    return this.up.map(({ type }) => type);
  }

  get snapshots(): SnapshotUp[] {
    return this.up.filter((message) => message.type === 'snapshot');
  }

  /** Devices of which twins came up other than as reports. */
  get resent(): string[] {
    return [...new Set(this.snapshots.flatMap(({ updates }) => updates.map(({ device }) => device)))];
  }

  #openSync(): EdgeSync {
    const { store, registry, clock } = this.edge;
    const intake = new ObjectIntake({
      store,
      registry,
      metadata: this.metadata,
      host: { setDevices: () => {} },
    });
    const onObjects: EdgeSyncOptions['onObjects'] = (...objects) => {
      if (this.adopts) intake.take(...objects);
    };
    return new EdgeSync({ store, registry, onObjects, clock, logger: silentLogger });
  }
}

const podObject = (name: string): KubePod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', uid: `uid-pod-${name}`, resourceVersion: '1' },
  spec: { nodeName: 'edge-a', containers: [], volumes: [{ name: 'settings', configMap: { name } }] },
});

const configMapObject = (name: string): KubeConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default', uid: `uid-config-${name}`, resourceVersion: '1' },
  data: { name },
});

async function connected(names: readonly string[]): Promise<Link> {
  const link = new Link();
  for (const name of names) link.addDevice(name);
  await link.connect();
  await link.disconnect();
  return link;
}

const names = (count: number) => Array.from({ length: count }, (_, index) => `d${index}`);

describe('a node that connects', () => {
  it('[W35] for the first time has said everything with its backlog', async () => {
    const link = await connected(['pump', 'fan']);
    expect(link.types.filter((type) => type !== 'states')).toEqual(['reports', 'digest']);
    expect(link.valueOf('pump')).toBe(20);
    expect(link.cloud.replica.isWhole('edge-a')).toBe(true);
  });

  it('[W35] where the cloud has all of it, says so in one digest', async () => {
    const link = await connected(names(50));
    link.restartCloud({ replicaId: 'replica-2', archived: true });
    await link.connect();
    expect(link.types.filter((type) => type !== 'states')).toEqual(['digest']);
    expect(link.edge.store.sync.replicaId).toBe('replica-2');
    expect(link.cloud.replica.isWhole('edge-a')).toBe(true);
    expect(link.valueOf('d7')).toBe(20);
  });

  it('[W35] to a gateway that lost its memory says everything', async () => {
    const link = await connected(names(50));
    link.restartCloud({ replicaId: 'replica-2', archived: false });
    await link.connect();
    expect(link.resent).toHaveLength(50);
    expect(link.valueOf('d7', 'setpoint')).toBe(20);
  });

  it('[W35] says again only the devices that differ, of 1 000', async () => {
    const link = await connected(names(1000));
    link.restartCloud({ replicaId: 'replica-2', archived: true });
    // What the gateway took, and lost with the second that its archive was behind.
    for (const name of ['d3', 'd700']) {
      const { replica } = link.cloud;
      replica.removeDevice('edge-a', `default/${name}`);
    }
    await link.connect();
    expect(link.resent.sort()).toEqual(['default/d3', 'default/d700']);
    expect(link.snapshots.every(({ states }) => states.length === 0)).toBe(true);
    expect(link.valueOf('d700')).toBe(20);
    const named = link.up.flatMap((message) => (message.type === 'devices' ? message.devices : []));
    expect(named.length).toBeLessThan(30);
  });

  it('[W35] names its devices, and is asked for them, in parts', async () => {
    const link = await connected(names(1500));
    link.restartCloud({ replicaId: 'replica-2', archived: true });
    for (const name of names(1499)) link.cloud.replica.removeDevice('edge-a', `default/${name}`);
    await link.connect();
    const parts = link.up.filter((message) => message.type === 'devices');
    expect(parts).toHaveLength(16);
    expect(Math.max(...parts.map(({ buckets }) => buckets.length))).toBe(16);
    expect(Math.max(...parts.map(({ devices }) => devices.length))).toBeLessThan(200);
    const wanted = link.down.filter((message) => message.type === 'wanted');
    expect(Math.max(...wanted.map(({ devices }) => devices.length))).toBeLessThanOrEqual(200);
    expect(link.resent).toHaveLength(1499);
    expect(names(1500).every((name) => link.valueOf(name) === 20)).toBe(true);
  });

  it('[W35] behind its backlog: nothing that was reported is skipped by what is said again', async () => {
    const link = await connected(['pump', 'fan']);
    link.restartCloud({ replicaId: 'replica-2', archived: true });
    link.cloud.replica.removeDevice('edge-a', 'default/pump');
    for (const value of [21, 22, 23]) link.report('pump', value);
    await link.connect();
    expect(
      link.cloud.taken
        .filter(({ property }) => property === 'temperature')
        .map((twin) => twin.reported?.value),
    ).toEqual([21, 22, 23]);
    expect(link.valueOf('pump', 'setpoint')).toBe(20);
  });

  it('[W35] is compared each time: what the same gateway should have and has not comes again', async () => {
    const link = await connected(['pump', 'fan']);
    link.cloud.replica.removeDevice('edge-a', 'default/pump');
    await link.connect();
    expect(link.resent).toEqual(['default/pump']);
    expect(link.valueOf('pump')).toBe(20);
  });

  it('[W35 T22] and no longer has a device that it holds, is not shown with it', async () => {
    const link = await connected(['pump', 'fan']);
    link.edge.registry.removeDevice('default/pump');
    link.edge.store.flush();
    await link.connect();
    expect(link.resent).toEqual([]);
    expect(link.cloud.forgotten.map(({ device, property }) => `${device}/${property}`).sort()).toEqual([
      'default/pump/setpoint',
      'default/pump/temperature',
    ]);
    expect(link.valueOf('pump')).toBeUndefined();
    expect(link.valueOf('fan')).toBe(20);
  });

  it('[W35 W31] and names devices that it does not hold, is not asked for them', async () => {
    const link = await connected(['pump', 'fan']);
    link.cloud.cluster.putDevice('fan', { nodeName: 'edge-b' });
    link.cloud.replica.removeDevice('edge-a', 'default/fan');
    await link.connect();
    expect(link.down.filter(({ type }) => type === 'wanted')).toEqual([]);
    expect(link.cloud.replica.isWhole('edge-a')).toBe(true);
  });
});

describe('1 000 objects that are deleted while the node is away', () => {
  it('[W35 T22] leave nothing: not at the node, not on its disk, not in the replica', async () => {
    const link = new Link();
    link.adopts = true;
    const { cluster } = link.cloud;
    const { registry, store } = link.edge;
    const { clock } = link.cloud;
    const archive = new ReplicaArchive(
      openMemoryStore({ disk: new MemoryDisk(), clock, logger: silentLogger }),
      clock,
    );
    onTestFinished(
      watchDevices({
        ...link.cloud,
        archive,
        replicaIds: new ReplicaIds('replica-1'),
        changed() {},
        deleted() {},
      }),
    );
    cluster.putDevice('pump');
    for (const name of names(400)) cluster.putDevice(name);
    for (const name of names(300)) {
      cluster.configMaps.put(configMapObject(name));
      cluster.pods.put(podObject(name));
    }
    await link.connect();
    for (const name of ['pump', ...names(400)])
      for (const property of ['temperature', 'setpoint']) link.report(name, 20, property);
    await waitFor('the replica to have all values', () => {
      link.flush();
      return link.valueOf('d399', 'setpoint') === 20;
    });
    expect([...link.metadata.pods()]).toHaveLength(300);
    expect([...link.metadata.configMaps()]).toHaveLength(300);
    await link.disconnect();

    for (const name of names(400)) cluster.devices.remove(`uid-${name}`);
    for (const name of names(300)) {
      cluster.pods.remove(`uid-pod-${name}`);
      cluster.configMaps.remove(`uid-config-${name}`);
    }
    await link.connect();
    await waitFor('the node to have heard of it', () => {
      link.flush();
      return [...link.metadata.devices()].length === 1;
    });
    await link.disconnect();
    await link.connect();
    store.flush();
    expect([...link.metadata.pods(), ...link.metadata.configMaps()]).toEqual([]);
    expect([...registry.all()].every(({ device }) => device === 'default/pump')).toBe(true);
    const content = store.load();
    expect(content.objects.map(({ kind }) => kind).sort()).toEqual(['Device', 'DeviceModel']);
    expect(new Set(content.twins.map(({ device }) => device))).toEqual(new Set(['default/pump']));
    expect(content.states.map(({ device }) => device)).toEqual(['default/pump']);
    expect([...link.cloud.replica.held('edge-a')].map(([device]) => device)).toEqual(['default/pump']);
    expect(link.cloud.replica.state('edge-a', 'default/d1', 'uid-d1')).toBeUndefined();
    expect(link.valueOf('pump')).toBe(20);
  });
});

describe('ends of different versions', () => {
  it('[W36] a node of tunnel 1.0 says everything to a gateway that it does not know, and nothing to one that it knows', async () => {
    const link = new Link();
    for (const name of names(3)) link.addDevice(name);
    await link.connect(0);
    expect(link.types.filter((type) => type !== 'states')).toEqual([
      'reports',
      'snapshot',
      'snapshot',
      'snapshot',
    ]);
    expect(link.cloud.replica.isWhole('edge-a')).toBe(true);
    await link.disconnect();
    link.report('d1', 21);
    await link.connect(0);
    expect(link.types.filter((type) => type !== 'states')).toEqual(['reports']);
    expect(link.valueOf('d1')).toBe(21);
  });
});

describe('a store that is not what it was', () => {
  it('[W35] lost, begins another history: what the new one does not have is gone', async () => {
    const link = await connected(['pump', 'fan']);
    await link.restartEdge(() => link.edge.lose());
    link.report('pump', 25);
    await link.connect();
    expect(link.valueOf('pump')).toBe(25);
    expect(link.valueOf('pump', 'setpoint')).toBeUndefined();
    expect(link.valueOf('fan')).toBeUndefined();
  });

  it('[W37] put back from a backup, takes a new identity and says everything anew', async () => {
    const link = await connected(['pump', 'fan']);
    const { storeId } = link.edge.store.identity;
    await link.restartEdge(() => link.edge.backUp());
    for (let value = 30; value < 40; value++) link.report('pump', value);
    await link.connect();
    await link.disconnect();
    expect(link.valueOf('pump')).toBe(39);
    await link.restartEdge(() => link.edge.restoreBackup());
    link.report('fan', 26);
    expect(link.edge.store.identity.storeId).toBe(storeId);
    await link.connect();
    expect(link.edge.store.identity.storeId).not.toBe(storeId);
    expect(link.valueOf('pump')).toBe(20);
    expect(link.valueOf('fan')).toBe(26);
  });

  it('[W37] put back, and with more to say since than it had said: noticed by what it says of a property', async () => {
    const link = await connected(['pump', 'fan']);
    const { storeId } = link.edge.store.identity;
    await link.restartEdge(() => link.edge.backUp());
    link.report('pump', 30);
    await link.connect();
    await link.disconnect();
    await link.restartEdge(() => link.edge.restoreBackup());
    for (let value = 40; value < 50; value++) link.report('fan', value);
    await link.connect();
    expect(link.edge.store.identity.storeId).not.toBe(storeId);
    expect(link.valueOf('pump')).toBe(20);
    expect(link.valueOf('fan')).toBe(49);
  });
});
