import { describe, expect, it, onTestFinished } from 'vitest';
import { startNodeController } from '../../kubernetes/node-controller.ts';
import { LEASE_NAMESPACE, MANAGED_LABEL } from '../../kubernetes/node-object.ts';
import { LEASES, NODES } from '../../kubernetes/resources.ts';
import { silentLogger } from '../../lib/logger.ts';
import type { KubeNode } from '../../twin/cluster-object.ts';
import { ManualClock } from '../harness/manual-clock.ts';
import { machine } from '../harness/objects.ts';
import { waitFor } from '../harness/wait.ts';
import type { FakeRequest } from './fake-api.ts';
import { follow, recordingLogger, startFakeCluster } from './fake-cluster.ts';

const INFO = { version: '0.1.0', machine: machine() };

/** As an API server writes them: it would turn 33554432Ki into 32Gi, and the Node would never say what it should. */
const CAPACITY = { cpu: '4', memory: '7951764Ki', 'ephemeral-storage': '32Gi', pods: '0' };

const SUFFICIENT = [
  ['MemoryPressure', 'False', 'EdgeNodeHasSufficientMemory'],
  ['DiskPressure', 'False', 'EdgeNodeHasNoDiskPressure'],
  ['PIDPressure', 'False', 'EdgeNodeHasSufficientPID'],
  ['Ready', 'True', 'EdgeNodeConnected'],
];

const isWrite = ({ method }: FakeRequest) => method !== 'GET';

async function setUp({ existing = [] as KubeNode[], logger = silentLogger } = {}) {
  const { api, client } = await startFakeCluster();
  for (const node of existing) api.put(NODES, node);
  const { cache: nodes } = follow(client, NODES);
  await waitFor('the nodes', () => nodes.synced && api.watchers === 1);
  const clock = new ManualClock(Date.parse('2026-01-01T00:00:00Z'));
  const controller = startNodeController({ client, nodes, clock, random: () => 0.5, logger });
  onTestFinished(() => controller.close());
  const ready = (name: string) =>
    api.read(NODES, name)?.status?.conditions?.find(({ type }) => type === 'Ready');
  const conditions = (name: string) =>
    api.read(NODES, name)?.status?.conditions?.map(({ type, status, reason }) => [type, status, reason]);
  const lease = (name: string) => api.read(LEASES, name, LEASE_NAMESPACE);
  return { api, nodes, clock, controller, ready, conditions, lease };
}

const foreignNode = (name: string): KubeNode => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name },
  status: { conditions: [{ type: 'Ready', status: 'False', reason: 'KubeletNotReady' }] },
});

describe('the node controller', () => {
  it('creates the Node of an edge node that has none, labelled, tainted and Ready', async () => {
    const { api, conditions, controller, nodes } = await setUp();
    controller.nodeConnected('edge-a', INFO);
    const node = await waitFor('the Node', () => api.read(NODES, 'edge-a'));
    expect(node).toMatchObject({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: {
        name: 'edge-a',
        labels: {
          [MANAGED_LABEL]: 'true',
          'kubernetes.io/hostname': 'edge-a',
          'node-role.kubernetes.io/edge': '',
          'kubernetes.io/arch': 'arm64',
          'kubernetes.io/os': 'linux',
        },
      },
      spec: { taints: [{ key: 'octograph.dev/no-runtime', effect: 'NoSchedule' }] },
      status: {
        addresses: [
          { type: 'InternalIP', address: '10.0.0.7' },
          { type: 'InternalIP', address: 'fd00::7' },
          { type: 'Hostname', address: 'plant-pc' },
        ],
        capacity: CAPACITY,
        allocatable: CAPACITY,
        nodeInfo: {
          kubeletVersion: 'octograph-0.1.0',
          architecture: 'arm64',
          operatingSystem: 'linux',
          osImage: 'Debian GNU/Linux 12 (bookworm)',
          kernelVersion: '6.1.0-25-arm64',
          containerRuntimeVersion: '',
          bootID: INFO.machine.bootId,
          machineID: INFO.machine.machineId,
          systemUUID: INFO.machine.systemUuid,
        },
      },
    });
    expect(conditions('edge-a')).toEqual(SUFFICIENT);
    expect(node.status!.conditions![3]).toMatchObject({
      lastHeartbeatTime: '2026-01-01T00:00:00Z',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    });
    await waitFor('the cache', () => controller.manages('edge-a'));
    expect(nodes.size).toBe(1);
    expect(controller.manages('edge-b')).toBe(false);
  });

  it('renews the Lease of a connected node every 10 s, and not that of one that is away', async () => {
    const { clock, controller, lease, api } = await setUp();
    controller.nodeConnected('edge-a', INFO);
    const first = await waitFor('the Lease', () => lease('edge-a'));
    expect(first).toMatchObject({
      apiVersion: 'coordination.k8s.io/v1',
      metadata: {
        namespace: 'kube-node-lease',
        ownerReferences: [{ kind: 'Node', name: 'edge-a', uid: api.read(NODES, 'edge-a')!.metadata.uid }],
      },
      spec: { holderIdentity: 'edge-a', leaseDurationSeconds: 40, renewTime: '2026-01-01T00:00:00.000000Z' },
    });
    const renewals = () =>
      api.requests.filter(({ method, path }) => method === 'PATCH' && path.includes('/leases/'));
    const before = renewals().length;
    for (let round = 1; round <= 4; round++) {
      const { renewTime } = lease('edge-a')!.spec!;
      await clock.advance(10_000);
      await waitFor('a renewal', () => lease('edge-a')!.spec!.renewTime !== renewTime);
    }
    expect(renewals().length - before).toBeLessThanOrEqual(5);
    controller.nodeDisconnected('edge-a');
    const last = lease('edge-a')!.spec!.renewTime;
    await clock.advance(30_000);
    expect(lease('edge-a')!.spec!.renewTime).toBe(last);
  });

  it('says Unknown when a node was away for the grace period, not before, and True when it is back', async () => {
    const { clock, controller, ready } = await setUp();
    controller.nodeConnected('edge-a', INFO);
    await waitFor('Ready', () => ready('edge-a') && controller.manages('edge-a'));
    controller.nodeDisconnected('edge-a');
    await clock.advance(39_000);
    controller.nodeConnected('edge-a', INFO);
    await clock.advance(60_000);
    expect(ready('edge-a')!.status).toBe('True');
    controller.nodeDisconnected('edge-a');
    await clock.advance(39_999);
    expect(ready('edge-a')!.status).toBe('True');
    await clock.advance(1);
    await waitFor('Unknown', () => ready('edge-a')!.status === 'Unknown');
    expect(ready('edge-a')).toMatchObject({
      reason: 'NodeStatusUnknown',
      lastHeartbeatTime: '2026-01-01T00:00:00Z',
    });
    controller.nodeConnected('edge-a', INFO);
    await waitFor('True', () => ready('edge-a')!.status === 'True');
  });

  it('writes what a node tells anew once, and nothing when it tells the same again', async () => {
    const { api, clock, conditions, controller, nodes } = await setUp();
    controller.nodeConnected('edge-a', { version: '0.1.0' });
    await waitFor('the Node', () => controller.manages('edge-a'));
    expect(api.read(NODES, 'edge-a')!.status).toMatchObject({
      addresses: [{ type: 'Hostname', address: 'edge-a' }],
    });
    controller.nodeConnected('edge-a', INFO);
    await clock.advance(5_000);
    await waitFor('its machine', () => nodes.get('', 'edge-a')?.status?.capacity?.cpu === '4');
    expect(api.read(NODES, 'edge-a')!.metadata.labels).toMatchObject({ 'kubernetes.io/arch': 'arm64' });
    expect(conditions('edge-a')).toEqual(SUFFICIENT);
    const writes = () =>
      api.requests.filter((request) => isWrite(request) && /nodes/.test(request.path)).length;
    const before = writes();
    controller.nodeConnected('edge-a', { version: '0.1.0', machine: machine() });
    const full = { memory: false, disk: true, pids: false };
    controller.nodeConnected('edge-a', { version: '0.1.0', machine: machine({ pressure: full }) });
    await clock.advance(5_000);
    await waitFor('the pressure', () => conditions('edge-a')?.[1]?.[1] === 'True');
    expect(conditions('edge-a')?.[1]).toEqual(['DiskPressure', 'True', 'EdgeNodeHasDiskPressure']);
    expect(writes() - before).toBe(1);
  });

  it('hears a node that tells something else all the time no more often than every five seconds', async () => {
    const { api, clock, controller, nodes } = await setUp();
    controller.nodeConnected('edge-a', INFO);
    await waitFor('the Node', () => controller.manages('edge-a'));
    const cpus = () => nodes.get('', 'edge-a')?.status?.capacity?.cpu;
    const statusWrites = () => api.requests.filter(({ path }) => path.endsWith('/status')).length;
    for (let count = 1; count <= 50; count++) {
      controller.nodeConnected('edge-a', { version: '0.1.0', machine: machine({ cpus: 100 + count }) });
      await clock.advance(100);
    }
    await waitFor('the last word', () => cpus() === '150');
    expect(statusWrites()).toBe(1);
  });

  it('says Unknown of all that a kubelet would answer for when the node is lost, and right again when it is back', async () => {
    const { clock, conditions, controller } = await setUp();
    controller.nodeConnected('edge-a', INFO);
    await waitFor('the Node', () => controller.manages('edge-a'));
    controller.nodeDisconnected('edge-a');
    await clock.advance(40_000);
    await waitFor('Unknown', () => conditions('edge-a')?.[3]?.[1] === 'Unknown');
    expect(conditions('edge-a')).toEqual(SUFFICIENT.map(([type]) => [type, 'Unknown', 'NodeStatusUnknown']));
    controller.nodeConnected('edge-a', INFO);
    await waitFor('Ready', () => conditions('edge-a')?.[3]?.[1] === 'True');
    expect(conditions('edge-a')).toEqual(SUFFICIENT);
  });

  it('never touches a Node that somebody else created, nor its Lease', async () => {
    const logger = recordingLogger();
    const { api, clock, controller, lease } = await setUp({ existing: [foreignNode('edge-a')], logger });
    const before = api.read(NODES, 'edge-a');
    controller.nodeConnected('edge-a', INFO);
    controller.nodeConnected('marker', { version: '0.1.0' });
    await waitFor('the marker', () => lease('marker'));
    await clock.advance(30_000);
    controller.nodeDisconnected('edge-a');
    await clock.advance(60_000);
    expect(api.read(NODES, 'edge-a')).toEqual(before);
    expect(lease('edge-a')).toBeUndefined();
    expect(
      api.requests.filter((request) => isWrite(request) && /edge-a/.test(request.path + request.body)),
    ).toEqual([]);
    expect(logger.lines.map(({ message }) => message)).toContain(
      'Node edge-a was not created by us: its status and Lease are left alone',
    );
  });

  it('creates the Node and its Lease again when they are deleted while the node is connected', async () => {
    const { api, clock, controller, lease } = await setUp();
    controller.nodeConnected('edge-a', INFO);
    await waitFor('the Lease', () => lease('edge-a'));
    const { uid } = api.read(NODES, 'edge-a')!.metadata;
    api.delete(LEASES, 'edge-a', LEASE_NAMESPACE);
    api.delete(NODES, 'edge-a');
    const again = await waitFor('another Node', () => api.read(NODES, 'edge-a'));
    expect(again.metadata.uid).not.toBe(uid);
    await waitFor('another Lease', async () => {
      await clock.advance(1_000);
      return lease('edge-a')?.metadata.ownerReferences?.[0]?.uid === again.metadata.uid;
    });
  });

  it('lets a Node go that is deleted while its edge node is away', async () => {
    const { api, clock, controller, lease, nodes } = await setUp();
    controller.nodeConnected('edge-a', INFO);
    await waitFor('the Lease', () => lease('edge-a'));
    controller.nodeDisconnected('edge-a');
    api.delete(NODES, 'edge-a');
    await waitFor('the cache', () => nodes.size === 0);
    await clock.advance(60_000);
    expect(api.all(NODES)).toEqual([]);
  });

  it('answers for Nodes of an earlier run: one that does not come back is Unknown after the grace period', async () => {
    const earlier = foreignNode('edge-a');
    earlier.metadata.labels = { [MANAGED_LABEL]: 'true' };
    earlier.status!.conditions = [{ type: 'Ready', status: 'True' }];
    const { clock, ready } = await setUp({ existing: [earlier] });
    await clock.advance(39_000);
    expect(ready('edge-a')!.status).toBe('True');
    await clock.advance(1_000);
    await waitFor('Unknown', () => ready('edge-a')!.status === 'Unknown');
  });

  it('keeps the conditions of others, even when they come at the same time', async () => {
    const { api, clock, controller, ready } = await setUp();
    controller.nodeConnected('edge-a', INFO);
    await waitFor('Ready', () => controller.manages('edge-a'));
    const node = api.read(NODES, 'edge-a')!;
    const network = { type: 'NetworkUnavailable', status: 'True' as const };
    // Our cache does not know of it when the node is lost.
    api.fault = ({ query }) => (query.has('watch') ? { kind: 'answer', status: 500 } : undefined);
    api.cutWatches();
    api.put(NODES, {
      ...node,
      status: { ...node.status, conditions: [...node.status!.conditions!, network] },
    });
    controller.nodeDisconnected('edge-a');
    await clock.advance(41_000);
    await waitFor('the conflict', () => api.requests.some(({ method }) => method === 'PATCH'));
    api.fault = () => undefined;
    await waitFor('Unknown', async () => {
      await clock.advance(1_000);
      return ready('edge-a')!.status === 'Unknown';
    });
    expect(api.read(NODES, 'edge-a')!.status!.conditions!.map(({ type }) => type)).toEqual([
      'NetworkUnavailable',
      'MemoryPressure',
      'DiskPressure',
      'PIDPressure',
      'Ready',
    ]);
  });
});
