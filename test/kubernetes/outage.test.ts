import { describe, expect, it, onTestFinished } from 'vitest';
import type { Cluster } from '../../kubernetes/cluster.ts';
import { createDesiredWriter } from '../../kubernetes/desired-writer.ts';
import { reportedProperty } from '../../kubernetes/device-status.ts';
import { startDeviceStatusWriter } from '../../kubernetes/device-status-writer.ts';
import { startNodeController } from '../../kubernetes/node-controller.ts';
import {
  collectionPath,
  DEVICE_MODELS,
  DEVICE_OBJECTS,
  DEVICE_STATUSES,
  objectPath,
} from '../../kubernetes/resources.ts';
import { startWriteLease } from '../../kubernetes/write-lease.ts';
import type { DeviceModelObject, DeviceObject, DeviceStatusObject } from '../../twin/device-object.ts';
import { startGateway } from '../harness/gateway.ts';
import { query } from '../harness/graphql-client.ts';
import { waitFor } from '../harness/wait.ts';
import { SHARED, startEmbedded } from './embedded.ts';
import { device } from './fake-cluster.ts';

const LAMP = { namespace: 'default', name: 'lamp' };
const lampPath = objectPath(DEVICE_OBJECTS, LAMP);

const createLamp = ({ client }: Cluster, nodeName: string | undefined = 'edge-a') =>
  client.create<DeviceObject>(
    collectionPath(DEVICE_OBJECTS, 'default'),
    device('lamp', { nodeName, properties: [{ name: 'target' }] }),
  );

const isAway = (cluster: Cluster) => cluster.ready().every(({ detail }) => detail.includes('as last known'));

const writeTarget = (cluster: Cluster, value: string, uid?: string) =>
  createDesiredWriter({ ...cluster, ...SHARED }).writeDesired({
    ...LAMP,
    uid,
    writes: [{ property: 'target', value, metadata: {} }],
  });

/** A status writer whose report says `text` of the lamp. */
function reportLamp(cluster: Cluster, textOf: () => string) {
  const writer = startDeviceStatusWriter({
    ...cluster,
    ...SHARED,
    statusOf: () => ({
      twins: [{ propertyName: 'target', reported: reportedProperty(textOf(), 1_700_000_000_000, 'FLOAT') }],
      state: 'online',
    }),
    manages: () => true,
    writesPerSecond: 100,
  });
  onTestFinished(() => writer.close());
  return writer;
}

const statusOf = ({ client }: Cluster) =>
  client.get<DeviceStatusObject>(objectPath(DEVICE_STATUSES, LAMP)).catch(() => undefined);

describe('while the API server is away', () => {
  it('what is known is served, writes are refused, and all goes on by itself when it is back', async () => {
    const { cluster, start, stop } = await startEmbedded();
    await createLamp(cluster);
    await waitFor('the device', () => cluster.devices.size === 1);
    let text = '20';
    const writer = reportLamp(cluster, () => text);
    writer.markDirty('default/lamp');
    await waitFor('the status', () => statusOf(cluster));

    await stop();
    await waitFor('the outage', () => isAway(cluster));
    expect(cluster.ready().every(({ ok }) => ok)).toBe(true);
    expect(cluster.devices.get('default', 'lamp')).toBeDefined();
    await expect(writeTarget(cluster, '1')).rejects.toMatchObject({ code: 'KUBERNETES_UNAVAILABLE' });
    text = '21';
    writer.markDirty('default/lamp');
    await waitFor('the wait', () => writer.status().detail.startsWith('devices to be written: 1'));
    expect(writer.metrics().queueAgeMs).toBeGreaterThan(0);

    await start();
    await writeTarget(cluster, '1');
    await waitFor('the write in the cache', () => {
      return cluster.devices.get('default', 'lamp')?.spec.properties?.[0]?.desired?.value === '1';
    });
    await waitFor(
      'the report',
      async () => (await statusOf(cluster))?.status?.twins?.[0]?.reported?.value === '21',
    );
    await waitFor('an empty queue', () => writer.metrics().queueAgeMs === 0);
  });

  it('GraphQL answers reads and refuses desired values with a clear error, without a restart afterwards', async () => {
    const { cluster, kubeconfig, start, stop } = await startEmbedded();
    const model: DeviceModelObject = {
      apiVersion: 'devices.kubeedge.io/v1beta1',
      kind: 'DeviceModel',
      metadata: { name: 'thermostat', namespace: 'default' },
      spec: { properties: [{ name: 'target', type: 'INT', accessMode: 'ReadWrite' }] },
    };
    await cluster.client.create(collectionPath(DEVICE_MODELS, 'default'), model);
    // On no node: what stands in Kubernetes is all that there is to know.
    await createLamp(cluster, '');
    const gateway = await startGateway(kubeconfig);
    const readDevice = async () => {
      const { data } = await query(
        gateway.url,
        '{ device(name: "lamp") { name twins { property desired { value } } } }',
      );
      return data?.device;
    };
    const setTarget = (value: number) =>
      query(
        gateway.url,
        `mutation ($input: SetDesiredInput!) {
          setDesired(input: $input) { __typename ... on Rejected { code message } }
        }`,
        { input: { device: { name: 'lamp' }, values: [{ property: 'target', value }] } },
      );
    const desired = (value: number | null) => ({
      name: 'lamp',
      twins: [{ property: 'target', desired: value === null ? null : { value } }],
    });
    const freshness = async () =>
      (await query(gateway.url, '{ place { kubernetes { current asOf reason } } }')).data.place.kubernetes;
    const readyz = async () => (await fetch(gateway.url.replace('/graphql', '/readyz?verbose'))).text();
    await waitFor('the device', async () => (await readDevice())?.twins?.length === 1);
    await setTarget(20);
    await waitFor('the value', async () => (await readDevice()).twins[0].desired?.value === 20);

    expect(await freshness()).toMatchObject({ current: true, reason: null });
    await stop();
    const stoppedAt = Date.now();
    await waitFor('the outage', async () => (await readyz()).includes('as last known'));
    const told = await freshness();
    expect(told).toMatchObject({ current: false, reason: expect.stringContaining('GET /api') });
    expect(Date.parse(told.asOf)).toBeLessThanOrEqual(stoppedAt);
    expect(await readDevice()).toEqual(desired(20));
    const { errors, data } = await setTarget(21);
    const refusal = errors?.[0]?.extensions?.code ?? data?.setDesired?.code;
    expect(refusal).toBe('KUBERNETES_UNAVAILABLE');
    expect(await readDevice()).toEqual(desired(20));

    await start();
    await waitFor('a desired value', async () => (await setTarget(22)).errors === undefined);
    await waitFor('the new value', async () => (await readDevice()).twins[0].desired?.value === 22);
    await waitFor('all kinds', async () => (await freshness()).current);
    const holds = '[+]kubernetes-write-lease ok: this gateway holds Lease default/octograph-gateway';
    await waitFor('the Lease', async () => (await readyz()).includes(holds));
  });

  it('a device that is deleted and created again is another one: its status is, and what was meant for the first is refused', async () => {
    const { cluster } = await startEmbedded();
    const first = await createLamp(cluster);
    await waitFor('the device', () => cluster.devices.size === 1);
    const writer = reportLamp(cluster, () => '20');
    writer.markDirty('default/lamp');
    const ownerOf = async () => (await statusOf(cluster))?.metadata.ownerReferences?.[0]?.uid;
    await waitFor('the status', async () => (await ownerOf()) === first.metadata.uid);

    await cluster.client.remove(lampPath);
    const second = await createLamp(cluster);
    expect(second.metadata.uid).not.toBe(first.metadata.uid);
    await waitFor('the second device', () => {
      return cluster.devices.get('default', 'lamp')?.metadata.uid === second.metadata.uid;
    });
    expect(cluster.devices.byUid(first.metadata.uid!)).toBeUndefined();
    await waitFor('the status of the second', async () => (await ownerOf()) === second.metadata.uid);
    await expect(writeTarget(cluster, '1', first.metadata.uid)).rejects.toMatchObject({
      code: 'DEVICE_REPLACED',
    });
    await writeTarget(cluster, '1', second.metadata.uid);
  });
});

describe('when the API server comes back from a backup', () => {
  it('the caches are equal to it, and what we answer for is put right: status, Node and Lease', async () => {
    const { cluster, start, stop, backup } = await startEmbedded();
    const fence = startWriteLease({ ...cluster, ...SHARED, namespace: 'default', identity: 'a' });
    onTestFinished(() => fence.close());
    await waitFor('the term', () => fence.term);
    await createLamp(cluster);
    await waitFor('the device', () => cluster.devices.size === 1);
    let text = '20';
    const writer = reportLamp(cluster, () => text);
    writer.markDirty('default/lamp');
    const reported = async () => (await statusOf(cluster))?.status?.twins?.[0]?.reported?.value;
    await waitFor('the first report', async () => (await reported()) === '20');

    await stop();
    const restore = backup();
    await start();
    const nodes = startNodeController({ ...cluster, ...SHARED, fence });
    onTestFinished(() => nodes.close());
    nodes.nodeConnected('edge-a', { version: '1' });
    await waitFor('the Node', () => cluster.nodes.get('', 'edge-a'));
    await cluster.client.create(collectionPath(DEVICE_OBJECTS, 'default'), device('later'));
    await writeTarget(cluster, '7');
    text = '21';
    writer.markDirty('default/lamp');
    await waitFor('the second report', async () => (await reported()) === '21');
    await waitFor('the later device', () => cluster.devices.size === 2);
    const nodeUid = cluster.nodes.get('', 'edge-a')!.metadata.uid;

    await stop();
    // Bringing a backup back takes longer than an informer's next attempt: it has seen that the server was away.
    await waitFor('the outage', () => isAway(cluster));
    restore();
    await start();
    await waitFor('the older state', () => cluster.devices.size === 1);
    expect(cluster.devices.get('default', 'lamp')?.spec.properties?.[0]?.desired).toBeUndefined();
    await waitFor('the report again', async () => (await reported()) === '21');
    await waitFor('the Node again', () => {
      const node = cluster.nodes.get('', 'edge-a');
      return node !== undefined && node.metadata.uid !== nodeUid;
    });
    await writeTarget(cluster, '8');
    await waitFor('the value', () => {
      return cluster.devices.get('default', 'lamp')?.spec.properties?.[0]?.desired?.value === '8';
    });
    await waitFor('the Lease again', () => fence.status().detail.startsWith('this gateway holds'));
    expect(fence.term).toBeDefined();
  });
});
