import { describe, expect, it } from 'vitest';
import { createCloudCommands } from '../../cloud/commands.ts';
import type { ReadMode } from '../../resolvers/context.ts';
import type { KubeNode } from '../../twin/cluster-object.ts';
import type { DeviceModelObject, DeviceObject, DeviceStatusObject } from '../../twin/device-object.ts';
import { kubeedgeFixture } from '../kubernetes/kubeedge-fixtures.ts';
import { CloudFixture, ScriptedNode } from './fixture.ts';

const NODE = 'cloudcore-edge';
const KEY = { namespace: 'default', name: 'thermostat', nodeName: NODE };

const node = (labels: Record<string, string> = {}): KubeNode => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: NODE, uid: 'uid-node', labels },
});

/** A cluster with the device of that KubeEdge, on a node that is none of ours. */
function start(version: '1.15' | '1.22' | '1.23') {
  const cloud = new CloudFixture();
  const { cluster } = cloud;
  cluster.nodes.put(node());
  cluster.deviceModels.put(kubeedgeFixture<DeviceModelObject>('1.23-devicemodel'));
  const device = kubeedgeFixture<DeviceObject>(`${version}-device`);
  cluster.devices.put(device);
  const status = kubeedgeFixture<DeviceStatusObject>('1.23-devicestatus');
  if (version === '1.23') cluster.deviceStatuses.put(status);
  const read = (mode: ReadMode) => cloud.twins.forOperation(cloud.asker()).read(KEY, undefined, mode);
  return { cloud, cluster, device, status, read };
}

describe('a device on a node of KubeEdge', () => {
  it.each([
    ['1.15', 'unknown', undefined],
    ['1.22', 'online', Date.parse('2024-02-01T09:00:00Z')],
    ['1.23', 'online', Date.parse('2024-02-01T09:00:00Z')],
  ] as const)('is read alike where KubeEdge %s reports it', async (version, state, lastOnlineAt) => {
    const { cloud, read } = start(version);
    for (const mode of ['AUTO', 'REPLICA'] as const) {
      const [temperature, setpoint, mode_] = (await read(mode)) ?? [];
      expect(temperature).toMatchObject({
        reported: { value: 20.9, quality: 'GOOD', observedAt: 1_706_778_000_123 },
        sync: { state: 'NONE' },
        freshness: { source: 'LAST_KNOWN', link: 'DOWN', stale: true, asOf: 1_706_778_000_123 },
      });
      expect(setpoint).toMatchObject({
        desired: { value: 21.5 },
        observedDesired: { value: 21.5 },
        reported: { value: 21.5 },
        sync: { state: 'IN_SYNC' },
      });
      expect(mode_?.reported).toBeUndefined();
    }
    expect(cloud.twins.state(KEY)).toMatchObject({ state, lastOnlineAt });
  });

  it('is not to be had from the node itself: who asks for that is told', async () => {
    const { read } = start('1.23');
    await expect(read('EDGE')).rejects.toMatchObject({ code: 'EDGE_NODE_OFFLINE' });
  });

  it('counts in the Device itself as well', () => {
    const { cloud, cluster, device } = start('1.22');
    const next = structuredClone(device);
    next.metadata.resourceVersion = '48212';
    next.status!.twins![1]!.reported = { value: '19', metadata: { timestamp: '1706778001000' } };
    cluster.devices.put(next);
    expect(cloud.twins.known(KEY)?.[1]).toMatchObject({
      reported: { value: 19 },
      sync: { state: 'DELIVERED' },
    });
  });

  it('is waited for by setDesired: a CloudCore may bring it the value', () => {
    const { cloud, cluster } = start('1.23');
    const { reachable } = createCloudCommands({
      writeDesired: () => Promise.reject(new Error('not asked here')),
      links: cloud.links,
      isForeign: ({ namespace, name }) => !!cloud.foreign.reportOf(cluster.devices.get(namespace, name)!),
    });
    expect(reachable(KEY)).toBe(true);
    cloud.connect(new ScriptedNode(NODE));
    expect(reachable(KEY)).toBe(true);
    cloud.links.down(cloud.links.requireSession(NODE), 'reset');
    expect(reachable(KEY)).toBe(false);
  });
});

describe('what a CloudCore wrote', () => {
  it('is not listened to once the node was one of ours', () => {
    const { cloud } = start('1.23');
    cloud.connect(new ScriptedNode(NODE));
    expect(cloud.twins.known(KEY)?.[0]?.reported).toBeUndefined();
    expect(cloud.twins.state(KEY).state).toBe('unknown');
  });

  it('is not listened to where the Node is one that we created', async () => {
    const { cluster, read } = start('1.23');
    cluster.nodes.put({ ...node({ 'octograph.dev/managed': 'true' }) });
    await expect(read('AUTO')).rejects.toMatchObject({ code: 'EDGE_NODE_OFFLINE' });
  });

  it('is still shown when its Node was deleted', async () => {
    const { cluster, read } = start('1.23');
    cluster.nodes.remove('uid-node');
    expect((await read('AUTO'))?.[0]).toMatchObject({ reported: { value: 20.9 } });
  });
});
