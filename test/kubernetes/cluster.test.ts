import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Cluster, startCluster } from '../../kubernetes/cluster.ts';
import { createDesiredWriter } from '../../kubernetes/desired-writer.ts';
import { reportedProperty } from '../../kubernetes/device-status.ts';
import { startDeviceStatusWriter } from '../../kubernetes/device-status-writer.ts';
import { startNodeController } from '../../kubernetes/node-controller.ts';
import { startPodController } from '../../kubernetes/pod-controller.ts';
import {
  collectionPath,
  DEVICE_MODELS,
  DEVICE_OBJECTS,
  DEVICE_STATUSES,
  LEASES,
  NAMESPACES,
  objectPath,
  PODS,
} from '../../kubernetes/resources.ts';
import type { KubeNode, KubePod } from '../../twin/cluster-object.ts';
import type { DeviceModelObject, DeviceObject, DeviceStatusObject } from '../../twin/device-object.ts';
import { machine } from '../harness/objects.ts';
import { waitFor } from '../harness/wait.ts';
import { SHARED, startEmbedded } from './embedded.ts';
import { device } from './fake-cluster.ts';

const model: DeviceModelObject = {
  apiVersion: 'devices.kubeedge.io/v1beta1',
  kind: 'DeviceModel',
  metadata: { name: 'thermostat', namespace: 'default' },
  spec: {
    protocol: 'modbus',
    properties: [{ name: 'target', type: 'FLOAT', accessMode: 'ReadWrite', minimum: '5', maximum: '35' }],
  },
};

const create = <T extends { metadata: { namespace?: string } }>(
  cluster: Cluster,
  resource: Parameters<typeof collectionPath>[0],
  object: T,
) =>
  cluster.client.create(collectionPath(resource, object.metadata.namespace), object as never) as Promise<T>;

describe('a cluster', () => {
  it('follows every kind, each in its cache and with its indexes', async () => {
    const { cluster } = await startEmbedded();
    await create(cluster, DEVICE_MODELS, model);
    await create(cluster, DEVICE_OBJECTS, device('lamp'));
    await create(cluster, DEVICE_OBJECTS, device('fan', { nodeName: 'edge-b' }));
    await waitFor('the devices', () => cluster.devices.size === 2);
    expect([...cluster.devices.byNode('edge-b')].map(({ metadata }) => metadata.name)).toEqual(['fan']);
    expect([...cluster.devices.byModel('default', 'thermostat')]).toHaveLength(2);
    expect([...cluster.devices.byNamespace('default')]).toHaveLength(2);
    await waitFor('the model', () => cluster.deviceModels.get('default', 'thermostat'));
    expect(cluster.namespaces.get('', 'default')?.kind).toBe('Namespace');
    expect(cluster.ready().map(({ name }) => name)).toEqual([
      'nodes',
      'pods',
      'configmaps',
      'namespaces',
      'devices',
      'devicemodels',
      'devicestatuses',
      'events',
    ]);
    await cluster.client.remove(objectPath(DEVICE_OBJECTS, { namespace: 'default', name: 'fan' }));
    await waitFor('the deletion', () => cluster.devices.size === 1);
  });

  it('answers refusals with verb, path and the words of the server', async () => {
    const { cluster } = await startEmbedded();
    await create(cluster, DEVICE_OBJECTS, device('lamp'));
    await expect(create(cluster, DEVICE_OBJECTS, device('lamp'))).rejects.toMatchObject({
      code: 'KUBERNETES_CONFLICT',
      status: 409,
      reason: 'AlreadyExists',
      message: expect.stringMatching(
        /^POST \/apis\/devices\.kubeedge\.io\/v1beta1\/namespaces\/default\/devices: 409 AlreadyExists: .*"lamp"/,
      ),
    });
    const ghost = objectPath(NAMESPACES, { name: 'ghost' });
    await expect(cluster.client.get(ghost)).rejects.toMatchObject({ code: 'KUBERNETES_NOT_FOUND' });
  });

  it('writes desired values from 20 writers, loses none, and no key of others', async () => {
    const { cluster } = await startEmbedded();
    const shared = { value: '0', metadata: { 'acme.io/owner': 'a <b> & c' } };
    await create(
      cluster,
      DEVICE_OBJECTS,
      device('lamp', { properties: [{ name: 'shared', desired: shared }] }),
    );
    await waitFor('the device', () => cluster.devices.size === 1);
    const writer = createDesiredWriter({ client: cluster.client, devices: cluster.devices, ...SHARED });
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        writer.writeDesired({
          namespace: 'default',
          name: 'lamp',
          writes: ['shared', `own-${index}`].map((property) => ({
            property,
            value: String(index),
            metadata: { 'octograph.dev/change': `c${index}` },
          })),
        }),
      ),
    );
    const path = objectPath(DEVICE_OBJECTS, { namespace: 'default', name: 'lamp' });
    const { properties = [] } = (await cluster.client.get<DeviceObject>(path)).spec;
    expect(properties).toHaveLength(21);
    for (let index = 0; index < 20; index++) {
      const own = properties.filter(({ name }) => name === `own-${index}`);
      expect(own.map(({ desired }) => desired?.value)).toEqual([String(index)]);
    }
    const { metadata } = properties.find(({ name }) => name === 'shared')!.desired!;
    expect(metadata!['acme.io/owner']).toBe('a <b> & c');
  });

  it('writes the status of a device, and the status goes when the device goes', async () => {
    const { cluster } = await startEmbedded();
    await create(cluster, DEVICE_OBJECTS, device('lamp'));
    const twins = [{ propertyName: 'target', reported: reportedProperty('21', 1_700_000_000_000, 'FLOAT') }];
    const writer = startDeviceStatusWriter({
      ...cluster,
      ...SHARED,
      statusOf: () => ({ twins, state: 'online', lastOnlineTime: '2026-01-01T00:00:00Z' }),
      manages: () => true,
    });
    onTestFinished(() => writer.close());
    writer.markDirty('default/lamp');
    const path = objectPath(DEVICE_STATUSES, { namespace: 'default', name: 'lamp' });
    const written = await waitFor('the status', () => cluster.client.get<DeviceStatusObject>(path));
    expect(written.status).toEqual({ twins, state: 'online', lastOnlineTime: '2026-01-01T00:00:00Z' });
    await cluster.client.remove(objectPath(DEVICE_OBJECTS, { namespace: 'default', name: 'lamp' }));
    await waitFor('the end of the status', () => cluster.deviceStatuses.size === 0);
  });

  it('brings an edge node in as a Node with a Lease, and says why its pods do not run', async () => {
    const { cluster } = await startEmbedded();
    const nodes = startNodeController({ ...cluster, ...SHARED, gracePeriodMs: 200 });
    onTestFinished(() => nodes.close());
    const pods = startPodController({ ...cluster, ...SHARED });
    onTestFinished(() => pods.close());
    nodes.nodeConnected('edge-a', { version: '0.1.0', machine: machine() });
    const readyOf = (node: KubeNode | undefined) =>
      node?.status?.conditions?.find(({ type }) => type === 'Ready')?.status;
    await waitFor('Ready', () => readyOf(cluster.nodes.get('', 'edge-a')) === 'True');
    const lease = objectPath(LEASES, { namespace: 'kube-node-lease', name: 'edge-a' });
    await waitFor('the Lease', () => cluster.client.get(lease));

    const pod: KubePod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'app', namespace: 'default' },
      spec: { nodeName: 'edge-a', containers: [{ name: 'app', image: 'busybox' }] },
    };
    await create(cluster, PODS, pod);
    const status = () => cluster.pods.get('default', 'app')?.status;
    await waitFor('the reason', () => status()?.reason === 'NoContainerRuntime');
    expect(status()!.phase).toBe('Pending');
    await cluster.client.remove(objectPath(PODS, pod.metadata));
    await waitFor('the end of the pod', () => cluster.pods.size === 0);

    nodes.nodeDisconnected('edge-a');
    await waitFor('Unknown', () => readyOf(cluster.nodes.get('', 'edge-a')) === 'Unknown');
  });

  it('is named in the error when its kubeconfig is missing or says nothing', () => {
    const start = (kubeconfig: string) => () => startCluster({ source: { kubeconfig }, ...SHARED });
    expect(start('/nonexistent/kubeconfig')).toThrow(
      /kubeconfig \/nonexistent\/kubeconfig cannot be read: ENOENT/,
    );
    const folder = mkdtempSync(join(tmpdir(), 'octograph-cluster-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const empty = join(folder, 'empty');
    writeFileSync(empty, 'apiVersion: v1\nkind: Config\nclusters: []\ncontexts: []\nusers: []\n');
    expect(start(empty)).toThrow(/names no server/);
  });
});
