import { describe, expect, it } from 'vitest';
import { createDesiredWriter } from '../../kubernetes/desired-writer.ts';
import { ObjectCache } from '../../kubernetes/object-cache.ts';
import { DEVICE_OBJECTS } from '../../kubernetes/resources.ts';
import { systemClock } from '../../lib/clock.ts';
import type { DeviceObject } from '../../twin/device-object.ts';
import { waitFor } from '../harness/wait.ts';
import { device, follow, startFakeCluster } from './fake-cluster.ts';

async function setUp(properties: DeviceObject['spec']['properties']) {
  const { api, client } = await startFakeCluster();
  const lamp = api.put(DEVICE_OBJECTS, device('lamp', { properties }));
  const { cache: devices } = follow(client, DEVICE_OBJECTS);
  await waitFor('the list', () => devices.synced);
  const writer = createDesiredWriter({ client, devices, clock: systemClock, random: Math.random });
  const desired = () => api.read(DEVICE_OBJECTS, 'lamp')!.spec.properties!;
  return { api, client, devices, writer, lamp, desired };
}

const write = (property: string, value: string, change: string, expected?: string | null) => ({
  property,
  value,
  metadata: { 'octograph.dev/change': change },
  expected,
});

const LAMP = { namespace: 'default', name: 'lamp' };

describe('the writer of desired values', () => {
  it('sets values in one request, and returns the device as it then stands', async () => {
    const { api, writer, lamp } = await setUp([{ name: 'a', desired: { value: '1' } }, { name: 'b' }]);
    const before = api.requests.length;
    const written = await writer.writeDesired({
      ...LAMP,
      uid: lamp.metadata.uid,
      writes: [write('a', '2', 'c1'), write('b', '3', 'c1')],
    });
    expect(written.spec.properties!.map(({ desired }) => desired?.value)).toEqual(['2', '3']);
    expect(api.requests.slice(before).map(({ method }) => method)).toEqual(['PATCH']);
  });

  it('loses none of 20 concurrent writers, and no key of others', async () => {
    const { api, writer, desired } = await setUp([
      { name: 'shared', desired: { value: '0', metadata: { 'acme.io/owner': 'ada' } } },
    ]);
    const started = api.requests.length;
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        writer.writeDesired({
          ...LAMP,
          writes: [write('shared', `${index}`, `c${index}`), write(`own-${index}`, `${index}`, `c${index}`)],
        }),
      ),
    );
    expect(api.requests.length - started).toBeGreaterThan(20);
    const properties = desired();
    expect(properties).toHaveLength(21);
    for (let index = 0; index < 20; index++) {
      expect(properties.filter(({ name }) => name === `own-${index}`)).toMatchObject([
        { desired: { value: `${index}` } },
      ]);
    }
    const shared = properties.find(({ name }) => name === 'shared')!.desired!;
    expect(shared.metadata!['acme.io/owner']).toBe('ada');
    expect(shared.metadata!['octograph.dev/change']).toBe(`c${shared.value}`);
  });

  it('lets exactly one of 20 writers win that expect the same value', async () => {
    const { writer, desired } = await setUp([{ name: 'a', desired: { value: 'free' } }]);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) =>
        writer.writeDesired({ ...LAMP, writes: [write('a', `by-${index}`, `c${index}`, 'free')] }),
      ),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const winner = desired()[0]!.desired!.value;
    for (const outcome of outcomes) {
      if (outcome.status === 'fulfilled') continue;
      expect(outcome.reason).toMatchObject({ code: 'DESIRED_CHANGED', property: 'a', actual: winner });
    }
  });

  it('judges an expected value by the server, not by a cache that lags', async () => {
    const { api, client } = await startFakeCluster();
    const old = api.put(
      DEVICE_OBJECTS,
      device('lamp', { properties: [{ name: 'a', desired: { value: '1' } }] }),
    );
    const devices = new ObjectCache<DeviceObject>();
    devices.put(old);
    api.put(DEVICE_OBJECTS, device('lamp', { properties: [{ name: 'a', desired: { value: '2' } }] }));
    const writer = createDesiredWriter({ client, devices, clock: systemClock, random: Math.random });
    await writer.writeDesired({ ...LAMP, writes: [write('a', '3', 'c1', '2')] });
    await expect(
      writer.writeDesired({ ...LAMP, writes: [write('a', '4', 'c2', '1')] }),
    ).rejects.toMatchObject({
      code: 'DESIRED_CHANGED',
      actual: '3',
      message: 'the desired a of device default/lamp is "3"; expected "1"',
    });
  });

  it('changes nothing when a write is repeated because its answer was lost', async () => {
    const { writer } = await setUp([{ name: 'a', desired: { value: '1' } }]);
    const once = { ...LAMP, writes: [write('a', '2', 'c1', '1')] };
    const { resourceVersion } = (await writer.writeDesired(once)).metadata;
    const again = await writer.writeDesired(once);
    expect(again.metadata.resourceVersion).toBe(resourceVersion);
  });

  it('refuses a device that was created anew under the name', async () => {
    const { api, writer, lamp, desired } = await setUp([{ name: 'a', desired: { value: '1' } }]);
    api.delete(DEVICE_OBJECTS, 'lamp');
    api.put(DEVICE_OBJECTS, device('lamp', { properties: [{ name: 'a', desired: { value: '1' } }] }));
    const late = writer.writeDesired({ ...LAMP, uid: lamp.metadata.uid, writes: [write('a', '2', 'c1')] });
    await expect(late).rejects.toMatchObject({ code: 'DEVICE_REPLACED' });
    expect(desired()[0]!.desired!.value).toBe('1');
  });

  it('says so when there is no such device', async () => {
    const { writer } = await setUp([]);
    const missing = writer.writeDesired({
      namespace: 'default',
      name: 'ghost',
      writes: [write('a', '1', 'c1')],
    });
    await expect(missing).rejects.toMatchObject({
      code: 'KUBERNETES_NOT_FOUND',
      message: expect.stringContaining(
        'GET /apis/devices.kubeedge.io/v1beta1/namespaces/default/devices/ghost: 404',
      ),
    });
  });

  it('waits for a busy server, but not longer than a second', async () => {
    const { api, writer, desired } = await setUp([{ name: 'a', desired: { value: '1' } }]);
    let busy = 1;
    api.fault = ({ method }) =>
      method === 'PATCH' && busy-- > 0 ? { kind: 'answer', status: 429, retryAfterSeconds: 1 } : undefined;
    await writer.writeDesired({ ...LAMP, writes: [write('a', '2', 'c1')] });
    expect(desired()[0]!.desired!.value).toBe('2');
    api.fault = () => ({ kind: 'answer', status: 429, retryAfterSeconds: 30 });
    await expect(writer.writeDesired({ ...LAMP, writes: [write('a', '3', 'c2')] })).rejects.toMatchObject({
      code: 'KUBERNETES_UNAVAILABLE',
      retryAfterMs: 30_000,
    });
  });

  it('gives up with a clear error when others are always faster', async () => {
    const { api, writer } = await setUp([{ name: 'a', desired: { value: '1' } }]);
    api.fault = ({ method }) =>
      method === 'PATCH' ? { kind: 'answer', status: 409, reason: 'Conflict' } : undefined;
    await expect(writer.writeDesired({ ...LAMP, writes: [write('a', '2', 'c1')] })).rejects.toMatchObject({
      code: 'KUBERNETES_CONFLICT',
      message: 'device default/lamp was changed by others in each of 8 tries to set its desired a',
    });
  });

  it('refuses clearly, and at once, when the API server is away', async () => {
    const { api, writer } = await setUp([{ name: 'a', desired: { value: '1' } }]);
    api.fault = () => ({ kind: 'reset' });
    await expect(writer.writeDesired({ ...LAMP, writes: [write('a', '2', 'c1')] })).rejects.toMatchObject({
      code: 'KUBERNETES_UNAVAILABLE',
    });
  });

  it('escapes what the API server escapes, or its byte-wise tests would never hold', async () => {
    const { api, writer } = await setUp([{ name: 'a', desired: { value: 'a<b>&\u2028' } }]);
    await writer.writeDesired({ ...LAMP, writes: [write('a', '1', 'c1')] });
    const { body } = api.requests.find(({ method }) => method === 'PATCH')!;
    expect(body).toContain('"a\\u003cb\\u003e\\u0026\\u2028"');
  });
});
