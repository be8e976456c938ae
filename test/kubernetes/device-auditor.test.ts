import { describe, expect, it, onTestFinished } from 'vitest';
import { startDeviceAuditor } from '../../kubernetes/device-auditor.ts';
import { eventsOf, involvedOf } from '../../kubernetes/event-object.ts';
import { ObjectCache } from '../../kubernetes/object-cache.ts';
import { DEVICE_MODELS, DEVICE_OBJECTS, EVENTS, NODES } from '../../kubernetes/resources.ts';
import { silentLogger } from '../../lib/logger.ts';
import type { KubeEvent, KubeNode } from '../../twin/cluster-object.ts';
import type { DeviceModelObject } from '../../twin/device-object.ts';
import { ManualClock } from '../harness/manual-clock.ts';
import { waitFor } from '../harness/wait.ts';
import { device, follow, startFakeCluster } from './fake-cluster.ts';

const node: KubeNode = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'edge-a' } };
const model: DeviceModelObject = {
  apiVersion: 'devices.kubeedge.io/v1beta1',
  kind: 'DeviceModel',
  metadata: { name: 'thermostat', namespace: 'default' },
  spec: {},
};

async function setUp({ deviceNames = ['lamp'] } = {}) {
  const { api, client } = await startFakeCluster();
  api.put(NODES, node);
  for (const name of deviceNames) api.put(DEVICE_OBJECTS, device(name));
  const { cache: devices } = follow(client, DEVICE_OBJECTS, {
    nodeOf: ({ spec }) => spec.nodeName,
    modelOf: ({ spec }) => `default/${spec.deviceModelRef?.name}`,
  });
  const { cache: deviceModels } = follow(client, DEVICE_MODELS);
  const { cache: nodes } = follow(client, NODES);
  const { cache: events } = follow(client, EVENTS, { involvedOf });
  await waitFor('the caches', () => api.watchers === 4 && events.synced);
  const clock = new ManualClock(Date.parse('2026-01-01T00:00:00Z'));
  const caches = { devices, deviceModels, nodes, events };
  const auditor = startDeviceAuditor({ client, ...caches, clock, random: () => 0.5, logger: silentLogger });
  onTestFinished(() => auditor.close());
  // What the auditor was told before its clock begins to move.
  await clock.advance(0);
  return { api, clock, ...caches, about: (name: string) => eventsOf(events, devices.get('default', name)!) };
}

/** Time for a problem to be told: it settles, and its turn comes. */
async function settle(clock: ManualClock): Promise<void> {
  await clock.advance(11_000);
}

describe('the device auditor', () => {
  it('tells of a missing model by a Warning that kubectl describe shows with the device', async () => {
    const { clock, api, about, devices } = await setUp();
    await settle(clock);
    const event = await waitFor('the event', () => about('lamp')[0]);
    expect(event).toMatchObject({
      type: 'Warning',
      reason: 'ModelNotFound',
      message: 'DeviceModel thermostat does not exist in namespace default: the device has no properties',
      count: 1,
      involvedObject: { kind: 'Device', name: 'lamp', uid: devices.get('default', 'lamp')!.metadata.uid },
      source: { component: 'octograph-gateway' },
    });
    expect(event.firstTimestamp).toMatch(/^2026-01-01T00:00:\d\dZ$/);
    expect(api.all(EVENTS)).toHaveLength(1);
  });

  it('tells of a missing node, and nothing of a device that names none', async () => {
    const { clock, api, devices, deviceModels, about } = await setUp({ deviceNames: [] });
    api.put(DEVICE_MODELS, model);
    api.put(DEVICE_OBJECTS, device('lost', { nodeName: 'edge-z' }));
    api.put(DEVICE_OBJECTS, device('waiting', { nodeName: undefined }));
    await waitFor('the objects', () => devices.size === 2 && deviceModels.size === 1);
    await settle(clock);
    const event = await waitFor('the event', () => about('lost')[0]);
    expect(event).toMatchObject({
      reason: 'NodeNotFound',
      message: 'Node edge-z does not exist: nobody reaches the device',
    });
    expect(about('waiting')).toEqual([]);
  });

  it('says nothing of a model that comes right after its device', async () => {
    const { clock, api, deviceModels } = await setUp();
    await clock.advance(4_000);
    api.put(DEVICE_MODELS, model);
    await waitFor('the model', () => deviceModels.size === 1);
    await settle(clock);
    await settle(clock);
    expect(api.all(EVENTS)).toEqual([]);
  });

  it('counts a problem that comes back, or lasts, on the one Event that it has', async () => {
    const { clock, api, about, deviceModels } = await setUp();
    await settle(clock);
    await waitFor('the event', () => about('lamp').length === 1);
    api.put(DEVICE_MODELS, model);
    await waitFor('the model', () => deviceModels.size === 1);
    await settle(clock);
    api.delete(DEVICE_MODELS, 'thermostat');
    await waitFor('its end', () => deviceModels.size === 0);
    await settle(clock);
    await waitFor('the second time', () => about('lamp')[0]!.count === 2);
    // Changes of the device are no news of the problem.
    api.put(DEVICE_OBJECTS, {
      ...device('lamp'),
      metadata: { ...device('lamp').metadata, labels: { a: 'b' } },
    });
    await settle(clock);
    expect(about('lamp')[0]!.count).toBe(2);
    await clock.advance(30 * 60_000);
    await waitFor('the third time', () => about('lamp')[0]!.count === 3);
    expect(api.all(EVENTS)).toHaveLength(1);
    expect(Date.parse(about('lamp')[0]!.lastTimestamp!)).toBeGreaterThan(
      Date.parse(about('lamp')[0]!.firstTimestamp!),
    );
  });

  it('writes one Event per second, however many devices there are', async () => {
    const { clock, api } = await setUp({
      deviceNames: Array.from({ length: 50 }, (_, index) => `d${index}`),
    });
    await settle(clock);
    const writes = () => api.requests.filter(({ method }) => method === 'POST').length;
    const before = writes();
    for (let second = 0; second < 10; second++) {
      await clock.advance(1_000);
      await waitFor('the write', () => writes() >= before + second);
    }
    expect(writes() - before).toBeLessThanOrEqual(11);
  });
});

describe('the Events of an object', () => {
  const event = (name: string, involved: KubeEvent['involvedObject'], lastTimestamp: string): KubeEvent => ({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace: 'default', uid: `uid-${name}` },
    involvedObject: { kind: 'Pod', namespace: 'default', name: 'app', ...involved },
    lastTimestamp,
  });

  it('come newest first, and without those of an earlier object of its name', () => {
    const events = new ObjectCache<KubeEvent>({ involvedOf });
    events.put(event('old', { uid: 'p2' }, '2026-01-01T00:00:00Z'));
    events.put(event('new', { uid: 'p2' }, '2026-01-02T00:00:00Z'));
    events.put(event('series', { uid: 'p2' }, ''));
    events.put({
      ...event('modern', { uid: 'p2' }, ''),
      lastTimestamp: null,
      eventTime: '2026-01-01T12:00:00.000000Z',
    });
    events.put(event('before', { uid: 'p1' }, '2026-01-03T00:00:00Z'));
    events.put(event('elsewhere', { uid: 'p3', name: 'other' }, '2026-01-03T00:00:00Z'));
    const pod = { kind: 'Pod', metadata: { name: 'app', namespace: 'default', uid: 'p2' } };
    expect(eventsOf(events, pod).map(({ metadata }) => metadata.name)).toEqual([
      'new',
      'modern',
      'old',
      'series',
    ]);
  });
});
