import { describe, expect, it, onTestFinished } from 'vitest';
import type { DeviceStatusReport } from '../../kubernetes/device-status.ts';
import { reportedProperty } from '../../kubernetes/device-status.ts';
import {
  type DeviceStatusWriterOptions,
  startDeviceStatusWriter,
} from '../../kubernetes/device-status-writer.ts';
import { ObjectCache } from '../../kubernetes/object-cache.ts';
import { DEVICE_OBJECTS, DEVICE_STATUSES } from '../../kubernetes/resources.ts';
import { type Clock, systemClock } from '../../lib/clock.ts';
import { silentLogger } from '../../lib/logger.ts';
import type { DeviceObject, DeviceStatusObject } from '../../twin/device-object.ts';
import { ManualClock } from '../harness/manual-clock.ts';
import { waitFor } from '../harness/wait.ts';
import type { FakeRequest } from './fake-api.ts';
import { device, follow, recordingLogger, startFakeCluster } from './fake-cluster.ts';

const reportOf = (value: string, state = 'online'): DeviceStatusReport => ({
  twins: [{ propertyName: 'temperature', reported: reportedProperty(value, 1_700_000_000_000, 'FLOAT') }],
  state,
});

const isWrite = ({ method }: FakeRequest) => method !== 'GET';

async function setUp({
  names = ['lamp'],
  clock = systemClock as Clock,
  ...options
}: { names?: string[]; clock?: Clock } & Partial<DeviceStatusWriterOptions> = {}) {
  const { api, client } = await startFakeCluster();
  for (const name of names) api.put(DEVICE_OBJECTS, device(name));
  const { cache: devices } = follow(client, DEVICE_OBJECTS);
  const { cache: deviceStatuses } = follow(client, DEVICE_STATUSES);
  await waitFor('the caches', () => devices.synced && deviceStatuses.synced && api.watchers === 2);
  const known = new Map<string, DeviceStatusReport>();
  const writer = startDeviceStatusWriter({
    client,
    devices,
    deviceStatuses,
    statusOf: (id) => known.get(id),
    manages: (nodeName) => nodeName === 'edge-a',
    clock,
    random: Math.random,
    logger: silentLogger,
    writesPerSecond: 200,
    ...options,
  });
  onTestFinished(() => writer.close());
  const report = (name: string, status: DeviceStatusReport) => {
    known.set(`default/${name}`, status);
    writer.markDirty(`default/${name}`);
  };
  const valueAt = (name: string) => api.read(DEVICE_STATUSES, name)?.status?.twins?.[0]?.reported?.value;
  return { api, devices, deviceStatuses, writer, known, report, valueAt };
}

describe('the DeviceStatus writer', () => {
  it('creates the object when there is something to say, owned by its device', async () => {
    const { api, report, devices } = await setUp();
    expect(api.all(DEVICE_STATUSES)).toEqual([]);
    report('lamp', { ...reportOf('21.5'), lastOnlineTime: '2026-01-01T00:00:00Z' });
    const written = await waitFor('the status', () => api.read(DEVICE_STATUSES, 'lamp'));
    expect(written).toMatchObject({
      apiVersion: 'devices.kubeedge.io/v1beta1',
      kind: 'DeviceStatus',
      metadata: {
        name: 'lamp',
        namespace: 'default',
        ownerReferences: [
          {
            kind: 'Device',
            name: 'lamp',
            uid: devices.get('default', 'lamp')!.metadata.uid,
            controller: true,
          },
        ],
      },
      status: {
        twins: [
          {
            propertyName: 'temperature',
            reported: { value: '21.5', metadata: { timestamp: '1700000000000', type: 'float' } },
          },
        ],
        state: 'online',
        lastOnlineTime: '2026-01-01T00:00:00Z',
      },
    });
  });

  it('replaces all twins and keeps extensions, state and time that it has no news of', async () => {
    const { api, report, valueAt } = await setUp();
    const owner = { apiVersion: 'devices.kubeedge.io/v1beta1', kind: 'Device', name: 'lamp', uid: 'uid-1' };
    api.put(DEVICE_STATUSES, {
      apiVersion: 'devices.kubeedge.io/v1beta1',
      kind: 'DeviceStatus',
      metadata: { name: 'lamp', namespace: 'default', ownerReferences: [owner] },
      status: {
        twins: [{ propertyName: 'gone' }],
        state: 'online',
        lastOnlineTime: '2026-01-01T00:00:00Z',
        extensions: { anomaly: { score: 3 } },
      },
    });
    report('lamp', { twins: reportOf('20').twins });
    await waitFor('the value', () => valueAt('lamp') === '20');
    expect(api.read(DEVICE_STATUSES, 'lamp')!.status).toMatchObject({
      twins: [{ propertyName: 'temperature' }],
      state: 'online',
      lastOnlineTime: '2026-01-01T00:00:00Z',
      extensions: { anomaly: { score: 3 } },
    });
  });

  it('removes what is to be seen no more, once, and creates nothing for it', async () => {
    const { api, report, writer, valueAt } = await setUp({ names: ['lamp', 'marker', 'silent'] });
    const nothing = { twins: [], state: null, lastOnlineTime: null };
    report('lamp', { ...reportOf('20'), lastOnlineTime: '2026-01-01T00:00:00Z' });
    await waitFor('the value', () => valueAt('lamp') === '20');
    report('silent', nothing);
    report('lamp', nothing);
    await waitFor('the removal', () => valueAt('lamp') === undefined);
    expect(api.read(DEVICE_STATUSES, 'lamp')!.status).toEqual({ twins: [] });
    report('lamp', nothing);
    report('marker', reportOf('1'));
    await waitFor('the marker', () => valueAt('marker'));
    expect(writer.metrics().writesOut).toBe(3);
    expect(api.read(DEVICE_STATUSES, 'silent')).toBeUndefined();
  });

  it('writes nothing when nothing changed', async () => {
    const { api, report, writer, valueAt, deviceStatuses } = await setUp({ names: ['lamp', 'marker'] });
    report('lamp', reportOf('20'));
    await waitFor('the cache', () => deviceStatuses.get('default', 'lamp'));
    for (let index = 0; index < 100; index++) report('lamp', reportOf('20'));
    report('marker', reportOf('1'));
    await waitFor('the marker', () => valueAt('marker'));
    expect(api.requests.filter(isWrite)).toHaveLength(2);
    expect(writer.metrics()).toMatchObject({ updatesIn: 102, writesOut: 2 });
  });

  it('ends at the latest value, however fast it went back and forth', async () => {
    const { report, writer, valueAt } = await setUp();
    for (let index = 0; index < 200; index++) {
      report('lamp', reportOf(String(index % 2)));
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    report('lamp', reportOf('last'));
    await waitFor('the last value', () => valueAt('lamp') === 'last');
    expect(writer.metrics().writesOut).toBeLessThan(200);
  });

  it('puts right what others changed or deleted', async () => {
    const { api, report, valueAt } = await setUp();
    report('lamp', reportOf('20'));
    await waitFor('the value', () => valueAt('lamp') === '20');
    const written = api.read(DEVICE_STATUSES, 'lamp')!;
    api.put(DEVICE_STATUSES, { ...written, status: { twins: [] } });
    await waitFor('the value again', () => valueAt('lamp') === '20');
    api.delete(DEVICE_STATUSES, 'lamp');
    await waitFor('the object again', () => valueAt('lamp') === '20');
  });

  it('writes nothing for a node that is not ours, or a device that is not there', async () => {
    const { api, report, valueAt } = await setUp({ names: ['lamp', 'marker'] });
    api.put(DEVICE_OBJECTS, device('foreign', { nodeName: 'kubeedge-1' }));
    report('foreign', reportOf('1'));
    report('ghost', reportOf('1'));
    report('marker', reportOf('1'));
    await waitFor('the marker', () => valueAt('marker'));
    expect(api.all(DEVICE_STATUSES).map(({ metadata }) => metadata.name)).toEqual(['marker']);
  });

  it('takes the status over for a device that was created anew, or it would be collected with the old one', async () => {
    const { api, report, valueAt } = await setUp();
    report('lamp', reportOf('20'));
    await waitFor('the value', () => valueAt('lamp') === '20');
    api.delete(DEVICE_OBJECTS, 'lamp');
    const { uid } = api.put(DEVICE_OBJECTS, device('lamp')).metadata;
    await waitFor('the new owner', () => {
      const owners = api.read(DEVICE_STATUSES, 'lamp')!.metadata.ownerReferences!;
      return owners.length === 1 && owners[0]!.uid === uid;
    });
  });

  it('keeps a device dirty over failures, and says so once', async () => {
    const logger = recordingLogger();
    const { api, report, writer, valueAt } = await setUp({ logger, random: () => 0.01 });
    let failures = 4;
    api.fault = (request) =>
      isWrite(request) && failures-- > 0 ? { kind: 'answer', status: 500 } : undefined;
    report('lamp', reportOf('20'));
    await waitFor('the value', () => valueAt('lamp') === '20');
    await waitFor('the end of the work', () => writer.metrics().dirty === 0);
    await waitFor('the log', () => logger.lines.length === 2);
    expect(logger.lines.map(({ message }) => message)).toEqual([
      'cannot write DeviceStatus; trying again',
      'can write DeviceStatus again',
    ]);
  });

  it('lets all writes wait when the server asks for it with 429', async () => {
    const logger = recordingLogger();
    const { api, report, valueAt } = await setUp({ names: ['lamp', 'fan'], logger });
    const writtenAt: number[] = [];
    api.fault = (request) => {
      if (!isWrite(request)) return undefined;
      writtenAt.push(performance.now());
      return writtenAt.length === 1 ? { kind: 'answer', status: 429, retryAfterSeconds: 1 } : undefined;
    };
    report('lamp', reportOf('20'));
    await waitFor('the refusal', () => logger.lines.length === 1);
    report('fan', reportOf('20'));
    await waitFor('both', () => valueAt('lamp') && valueAt('fan'));
    expect(writtenAt[1]! - writtenAt[0]!).toBeGreaterThan(950);
  });
});

describe('the budget of the DeviceStatus writer', () => {
  /** Writes go into the caches at once: only the writer's own clock counts. */
  function standingStill(writesPerSecond: number, deviceCount: number) {
    const clock = new ManualClock();
    const devices = new ObjectCache<DeviceObject>();
    const deviceStatuses = new ObjectCache<DeviceStatusObject>();
    devices.beginList().end();
    deviceStatuses.beginList().end();
    const known = new Map<string, DeviceStatusReport>();
    const written: string[] = [];
    let version = 0;
    const write = async (object: { metadata: { name: string }; status?: unknown }) => {
      const { name } = object.metadata;
      written.push(name);
      const owner = devices.get('default', name)!.metadata;
      const metadata = {
        name,
        namespace: 'default',
        uid: `status-${name}`,
        resourceVersion: String(++version),
        ownerReferences: [{ apiVersion: 'v1', kind: 'Device', name, uid: owner.uid! }],
      };
      deviceStatuses.put({ ...object, metadata } as never);
      return object as never;
    };
    const client = {
      create: (_path: string, object: never) => write(object),
      patch: (path: string, body: object) => write({ ...body, metadata: { name: path.split('/').at(-1)! } }),
    };
    for (let index = 0; index < deviceCount; index++) {
      const object = device(`d${index}`);
      devices.put({ ...object, metadata: { ...object.metadata, uid: `u${index}` } });
    }
    const writer = startDeviceStatusWriter({
      client: client as never,
      devices,
      deviceStatuses,
      statusOf: (id) => known.get(id),
      manages: () => true,
      clock,
      random: () => 0.5,
      logger: silentLogger,
      writesPerSecond,
    });
    onTestFinished(() => writer.close());
    const report = (index: number, value: string) => {
      known.set(`default/d${index}`, reportOf(value));
      writer.markDirty(`default/d${index}`);
    };
    return { clock, writer, written, report };
  }

  it('holds at 10 000 updates/s over 100 devices for a minute', async () => {
    const { clock, writer, written, report } = standingStill(10, 100);
    let update = 0;
    for (let slot = 0; slot < 600; slot++) {
      for (let index = 0; index < 1000; index++, update++) report(update % 100, String(update));
      await clock.advance(100);
    }
    expect(writer.metrics().updatesIn).toBe(600_000);
    expect(written.length).toBeGreaterThan(590);
    expect(written.length).toBeLessThanOrEqual(601);
    // Nobody starves: with 100 devices and 10 writes/s, each had its turn about every 10 s.
    const turns = Map.groupBy(written, (name) => name);
    expect(Math.min(...[...turns.values()].map(({ length }) => length))).toBeGreaterThanOrEqual(5);
    expect(writer.metrics().queueAgeMs).toBeLessThan(11_000);
  });

  it('writes the devices of a node that goes away first', async () => {
    const { clock, writer, written, report } = standingStill(10, 50);
    for (let index = 0; index < 50; index++) report(index, 'x');
    await clock.advance(200);
    writer.prioritize(['default/d40', 'default/d41', 'default/unknown']);
    await clock.advance(5_000);
    expect(written).toHaveLength(50);
    // Four are on their way already, waiting for the budget.
    expect(written.indexOf('d40')).toBeLessThan(10);
    expect(written.indexOf('d41')).toBeLessThan(10);
    expect(writer.metrics()).toMatchObject({ dirty: 0, queueAgeMs: 0 });
  });
});
