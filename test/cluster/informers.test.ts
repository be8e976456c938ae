import { describe, expect, test } from 'vitest';
import { waitFor } from '../harness/wait.ts';
import { DEVICES, type Device, device } from '../kube-api/cluster.ts';
import { createKubectl, kubectlMissing } from '../kube-api/kubectl.ts';
import { useGateway } from './gateway.ts';

const gateway = useGateway();
const kubectl = createKubectl(gateway);

const own = () => gateway().followed.devices.byNamespace(gateway().namespace);
const cached = (name: string) => gateway().followed.devices.get(gateway().namespace, name);
const at = () => ({ ...DEVICES, namespace: gateway().namespace });

describe('what the gateway follows', () => {
  test('is equal to the cluster after many devices were created, changed and deleted at once', async () => {
    const { custom } = gateway();
    const names = Array.from({ length: 60 }, (_, index) => `d${index}`);
    await Promise.all(
      names.map(async (name, index) => {
        const created = (await custom.createNamespacedCustomObject({
          ...at(),
          body: device(name),
        })) as Device;
        if (index % 3 === 0) await custom.deleteNamespacedCustomObject({ ...at(), name });
        if (index % 3 !== 1) return;
        created.spec.nodeName = `edge-${index}`;
        await custom.replaceNamespacedCustomObject({ ...at(), name, body: created });
      }),
    );
    const { items } = (await custom.listNamespacedCustomObject(at())) as { items: Device[] };
    const versions = new Map(items.map(({ metadata }) => [metadata!.uid, metadata!.resourceVersion]));
    expect(versions.size).toBe(40);
    await waitFor('the same objects', () => {
      const found = [...own()];
      return (
        found.length === versions.size &&
        found.every(({ metadata }) => versions.get(metadata.uid!) === metadata.resourceVersion)
      );
    });
    const ofNode = [...gateway().followed.devices.byNode('edge-4')].map(({ metadata }) => metadata.uid);
    expect(ofNode.filter((uid) => versions.has(uid))).toEqual([cached('d4')!.metadata.uid]);
  });

  test('takes a device that was created again under its name for another one', async () => {
    const { custom, followed } = gateway();
    const uids: string[] = [];
    const close = followed.devices.onChange(({ kind, object }) => {
      if (object.metadata.name === 'twice' && kind !== 'updated') uids.push(`${kind} ${object.metadata.uid}`);
    });
    const create = () =>
      custom.createNamespacedCustomObject({ ...at(), body: device('twice') }) as Promise<Device>;
    const first = await create();
    await waitFor('the first', () => cached('twice')?.metadata.uid === first.metadata!.uid);
    await custom.deleteNamespacedCustomObject({ ...at(), name: 'twice' });
    const second = await create();
    await waitFor('the second', () => cached('twice')?.metadata.uid === second.metadata!.uid);
    close();
    expect(uids).toEqual([
      `added ${first.metadata!.uid}`,
      `deleted ${first.metadata!.uid}`,
      `added ${second.metadata!.uid}`,
    ]);
  });

  test.skipIf(kubectlMissing)('shows what a person does with kubectl', async () => {
    await kubectl.ok(['apply', '-f', '-'], JSON.stringify(device('by-hand')));
    await waitFor('the device', () => cached('by-hand'));
    const patch = '{"spec":{"nodeName":"edge-b"}}';
    await kubectl.ok(['patch', 'devices.devices.kubeedge.io', 'by-hand', '--type=merge', '-p', patch]);
    await waitFor('the patch', () => cached('by-hand')?.spec.nodeName === 'edge-b');
    await kubectl.ok(['label', 'devices.devices.kubeedge.io', 'by-hand', 'room=a']);
    await waitFor('the label', () => cached('by-hand')?.metadata.labels?.room === 'a');
    await kubectl.ok(['delete', 'devices.devices.kubeedge.io', 'by-hand', '--wait=false']);
    await waitFor('the deletion', () => !cached('by-hand'));
  });
});
