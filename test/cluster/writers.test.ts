import type { V1Pod } from '@kubernetes/client-node';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createDesiredWriter } from '../../kubernetes/desired-writer.ts';
import { reportedProperty } from '../../kubernetes/device-status.ts';
import { startDeviceStatusWriter } from '../../kubernetes/device-status-writer.ts';
import { startNodeController } from '../../kubernetes/node-controller.ts';
import { startPodController } from '../../kubernetes/pod-controller.ts';
import { LEASES, NODES, objectPath, DEVICE_STATUSES as STATUSES } from '../../kubernetes/resources.ts';
import { createId } from '../../lib/ids.ts';
import type { DeviceStatusObject } from '../../twin/device-object.ts';
import { machine } from '../harness/objects.ts';
import { waitFor } from '../harness/wait.ts';
import { DEVICE_STATUSES, DEVICES, device, refusal } from '../kube-api/cluster.ts';
import { createKubectl, kubectlMissing } from '../kube-api/kubectl.ts';
import { SHARED, useGateway } from './gateway.ts';

const gateway = useGateway();
const kubectl = createKubectl(gateway);

const at = () => ({ ...DEVICES, namespace: gateway().namespace });
const cached = (name: string) => gateway().followed.devices.get(gateway().namespace, name);

async function createDevice(name: string): Promise<void> {
  await gateway().custom.createNamespacedCustomObject({ ...at(), body: device(name) });
  await waitFor('the device', () => cached(name));
}

describe('desired values', () => {
  const write = (name: string, value: string, expected?: string) => {
    const { client, devices } = gateway().followed;
    const { writeDesired } = createDesiredWriter({ client, devices, ...SHARED });
    const metadata = { 'octograph.dev/change': value };
    const writes = [{ property: 'setpoint', value, metadata, expected }];
    return writeDesired({ namespace: gateway().namespace, name, writes });
  };

  test('are replaced whatever characters they have, by tests that the server compares byte by byte', async () => {
    await createDevice('texts');
    for (const text of ['<a href="x">&amp;</a>', 'line\nbreak', 'ünï😀\u2028', '"\\', '22']) {
      const written = await write('texts', text);
      expect(written.spec.properties![0]!.desired!.value).toBe(text);
    }
  });

  test('of many writers at once all get through, or say that they did not', async () => {
    await createDevice('contended');
    const values = Array.from({ length: 10 }, (_, index) => String(index));
    const results = await Promise.allSettled(values.map((value) => write('contended', value)));
    const codes = results.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []));
    expect(codes.every((code) => code === 'KUBERNETES_CONFLICT')).toBe(true);
    expect(codes.length).toBeLessThan(values.length);
  });

  test('are not replaced where another one stands than was expected', async () => {
    await createDevice('guarded');
    await write('guarded', '30');
    await expect(write('guarded', '31', '21.5')).rejects.toMatchObject({
      code: 'DESIRED_CHANGED',
      actual: '30',
    });
  });
});

describe('what devices report', () => {
  test('goes into a DeviceStatus that keeps what others wrote, and goes with its device', {
    timeout: 120_000,
  }, async () => {
    const { custom, followed, namespace, controllersMissing } = gateway();
    await createDevice('reporting');
    let state = 'online';
    const twin = () => ({
      propertyName: 'setpoint',
      reported: reportedProperty(state, 1_700_000_000_000, 'FLOAT'),
    });
    const writer = startDeviceStatusWriter({
      ...followed,
      ...SHARED,
      statusOf: (id) => (id === `${namespace}/reporting` ? { twins: [twin()], state } : undefined),
      manages: () => true,
    });
    onTestFinished(() => writer.close());
    const statusAt = { ...DEVICE_STATUSES, namespace, name: 'reporting' };
    const read = () => custom.getNamespacedCustomObject(statusAt) as Promise<DeviceStatusObject>;
    writer.markDirty(`${namespace}/reporting`);
    await waitFor('the status', () => read());
    // Through our own client: client-node cannot send a merge patch without being told so by a middleware.
    const path = objectPath(STATUSES, { namespace, name: 'reporting' });
    const extensions = { anomaly: { score: 0.25, list: [1, 'two'] } };
    await followed.client.patch(path, { status: { extensions } }, 'application/merge-patch+json');
    state = 'offline';
    writer.markDirty(`${namespace}/reporting`);
    const written = await waitFor('the next status', async () => {
      const object = await read();
      return object.status?.state === 'offline' && object;
    });
    expect(written).toMatchObject({ status: { state: 'offline', extensions, twins: [twin()] } });
    await custom.deleteNamespacedCustomObject({ ...at(), name: 'reporting' });
    if (controllersMissing) return;
    const isGone = async () => (await refusal(read())).code === 404;
    await waitFor('the end of the status', isGone, { timeoutMs: 90_000 });
  });
});

describe('an edge node', () => {
  test('becomes a Node with a Lease; its pods say why they do not run, and go when they are deleted', async () => {
    const { core, followed, namespace } = gateway();
    const name = createId('edge');
    const nodes = startNodeController({ ...followed, ...SHARED, gracePeriodMs: 500 });
    onTestFinished(() => nodes.close());
    const pods = startPodController({ ...followed, ...SHARED });
    onTestFinished(() => pods.close());
    onTestFinished(async () => {
      await core.deleteNode({ name }).catch(() => {});
    });
    nodes.nodeConnected(name, { version: 'test', machine: machine() });
    const ready = async () => {
      const { status } = await core.readNode({ name });
      return status?.conditions?.find(({ type }) => type === 'Ready')?.status;
    };
    await waitFor('the Node', async () => (await ready()) === 'True');
    const leasePath = objectPath(LEASES, { namespace: 'kube-node-lease', name });
    await waitFor('the Lease', () => followed.client.get(leasePath));
    nodes.nodeConnected(name, { version: 'test', machine: machine({ cpus: 8 }) });
    await waitFor('its capacity', async () => (await core.readNode({ name })).status?.capacity?.cpu === '8');
    expect((await core.readNode({ name })).spec?.taints).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ key: 'octograph.dev/no-runtime', effect: 'NoSchedule' }),
      ]),
    );

    // A namespace gets its default account a moment after it was made; without it, pods are refused.
    const body: V1Pod = {
      metadata: { name: 'app' },
      spec: { nodeName: name, containers: [{ name: 'app', image: 'busybox' }] },
    };
    await waitFor('the pod', () => core.createNamespacedPod({ namespace, body }));
    const podAt = { namespace, name: 'app' };
    await waitFor('the reason', async () => {
      return (await core.readNamespacedPod(podAt)).status?.reason === 'NoContainerRuntime';
    });
    await core.deleteNamespacedPod(podAt);
    await waitFor('its end', async () => (await refusal(core.readNamespacedPod(podAt))).code === 404);

    nodes.nodeDisconnected(name);
    await waitFor('Unknown', async () => (await ready()) === 'Unknown');
    await followed.client.remove(objectPath(NODES, { name }));
    await waitFor('the end of the Node', () => !followed.nodes.get('', name));
  });

  test.skipIf(kubectlMissing)('is listed by kubectl as a Node that is Ready, with its version', async () => {
    const { core, followed } = gateway();
    const name = createId('edge');
    const nodes = startNodeController({ ...followed, ...SHARED });
    onTestFinished(async () => {
      await nodes.close();
      await core.deleteNode({ name }).catch(() => {});
    });
    nodes.nodeConnected(name, { version: 'test', machine: machine() });
    await waitFor('the Node', () => followed.nodes.get('', name));
    const row = await kubectl.ok(['get', 'node', name, '--no-headers']);
    expect(row).toMatch(new RegExp(`^${name}\\s+Ready\\s+edge\\s+\\S+\\s+octograph-test`));
    await kubectl.ok(['wait', '--for=condition=Ready', `node/${name}`, '--timeout=10s']);
  });
});
