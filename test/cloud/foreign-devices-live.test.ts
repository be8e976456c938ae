import { describe, expect, it, onTestFinished } from 'vitest';
import {
  collectionPath,
  DEVICE_MODELS,
  DEVICE_OBJECTS,
  DEVICE_STATUSES,
  NODES,
  objectPath,
} from '../../kubernetes/resources.ts';
import type { DeviceModelObject, DeviceObject, DeviceStatusObject } from '../../twin/device-object.ts';
import { startGateway } from '../harness/gateway.ts';
import { query, subscribeWs } from '../harness/graphql-client.ts';
import { waitFor } from '../harness/wait.ts';
import { startEmbedded } from '../kubernetes/embedded.ts';
import { kubeedgeFixture } from '../kubernetes/kubeedge-fixtures.ts';

const SET = `mutation ($value: TwinValue, $waitFor: WaitFor!) {
  setDesired(input: { device: { name: "thermostat" }, values: [{ property: "setpoint", value: $value }], waitFor: $waitFor, timeoutMs: 20000 }) {
    __typename ... on Settled { change { state } }
  }
}`;

const TWINS = 'subscription { twins { kind twin { property reported { value } sync { state } } } }';

/** Where and how a CloudCore of that version tells what a device reported. */
const SHAPES = [
  ['1.22', DEVICE_OBJECTS],
  ['1.23', DEVICE_STATUSES],
] as const;

describe.each(SHAPES)('beside a CloudCore of KubeEdge %s', (version, resource) => {
  it('tells subscribers and those who wait for a change what it writes', async () => {
    const { cluster, kubeconfig } = await startEmbedded();
    const { client } = cluster;
    await client.create(collectionPath(NODES), {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'cloudcore-edge' },
    } as never);
    await client.create(
      collectionPath(DEVICE_MODELS, 'default'),
      kubeedgeFixture<DeviceModelObject>('1.23-devicemodel') as never,
    );
    const {
      uid: _,
      resourceVersion: __,
      ...metadata
    } = kubeedgeFixture<DeviceObject>('1.22-device').metadata;
    const { spec, status } = kubeedgeFixture<DeviceObject>('1.22-device');
    const own = version === '1.22' ? { status } : {};
    const base = { apiVersion: 'devices.kubeedge.io/v1beta1' as const, metadata };
    const device = { ...base, kind: 'Device' as const, spec, ...own };
    await client.create(collectionPath(DEVICE_OBJECTS, 'default'), device);
    if (version === '1.23') {
      const { status: told } = kubeedgeFixture<DeviceStatusObject>('1.23-devicestatus');
      const object = { ...base, kind: 'DeviceStatus' as const, spec: {}, status: told };
      await client.create(collectionPath(DEVICE_STATUSES, 'default'), object);
    }
    const gateway = await startGateway(kubeconfig);
    const reported = async () => {
      const read = '{ device(name: "thermostat") { twin(property: "setpoint") { reported { value } } } }';
      return (await query(gateway.url, read)).data?.device?.twin?.reported?.value;
    };
    await waitFor('the reported value', async () => (await reported()) === 21.5);

    const subscription = subscribeWs(gateway.url, TWINS);
    onTestFinished(() => subscription.close());
    await subscription.find('the snapshot', ({ twins }) => twins.kind === 'SNAPSHOT_END');
    /** The CloudCore writes what the mapper tells of the setpoint. */
    const tell = (text: string, observed: string) => {
      const timestamp = String(Date.now());
      const twin = {
        propertyName: 'setpoint',
        reported: { value: text, metadata: { timestamp } },
        observedDesired: { value: observed },
      };
      const body = { status: { twins: [twin] } };
      const path = objectPath(resource, { namespace: 'default', name: 'thermostat' });
      return client.patch(path, body, 'application/merge-patch+json');
    };
    const set = (value: number, waitFor: string) => query(gateway.url, SET, { value, waitFor });
    const isDesired = (text: string) =>
      waitFor('the desired value in Kubernetes', () => {
        const object = cluster.devices.get('default', 'thermostat');
        return object?.spec.properties?.find(({ name }) => name === 'setpoint')?.desired?.value === text;
      });

    const delivered = set(25, 'DELIVERED');
    await isDesired('25');
    await tell('21.5', '25');
    expect((await delivered).data.setDesired).toMatchObject({ change: { state: 'DELIVERED' } });

    const done = set(26, 'REPORTED');
    await isDesired('26');
    await tell('26', '26');
    expect((await done).data.setDesired).toMatchObject({ change: { state: 'REPORTED' } });
    await subscription.find(
      'the news',
      ({ twins }) => twins.twin?.reported?.value === 26 && twins.twin.sync.state === 'IN_SYNC',
    );
  });
});
