import { describe, expect, it } from 'vitest';
import type { ObjectCache } from '../../kubernetes/object-cache.ts';
import { collectionPath, DEVICE_OBJECTS, DEVICE_STATUSES } from '../../kubernetes/resources.ts';
import { systemClock } from '../../lib/clock.ts';
import type { DeviceObject } from '../../twin/device-object.ts';
import { waitFor } from '../harness/wait.ts';
import type { FakeApi } from './fake-api.ts';
import { device, follow, recordingLogger, startFakeCluster } from './fake-cluster.ts';

const DEVICES_PATH = collectionPath(DEVICE_OBJECTS);

const lists = (api: FakeApi) => api.requests.filter(({ query }) => !query.has('watch'));
const watches = (api: FakeApi) => api.requests.filter(({ query }) => query.has('watch'));
const names = (cache: ObjectCache<DeviceObject>) =>
  [...cache.list()].map(({ metadata }) => metadata.name).sort();

describe('an informer', () => {
  it('lists in pages, and watches from the version of the list', async () => {
    const { api, client } = await startFakeCluster();
    for (let index = 0; index < 23; index++) api.put(DEVICE_OBJECTS, device(`lamp-${index}`));
    const { cache } = follow(client, DEVICE_OBJECTS, { pageSize: 10 });
    await waitFor('the list', () => cache.synced);
    expect(cache.size).toBe(23);
    expect(lists(api)).toHaveLength(3);
    await waitFor('the watch', () => api.watchers === 1);
    expect(watches(api)[0]!.query.get('resourceVersion')).toBe('123');
    expect(watches(api)[0]!.query.get('allowWatchBookmarks')).toBe('true');
  });

  it('gives every object its kind, and keeps no managedFields', async () => {
    const { api, client } = await startFakeCluster();
    const lamp = device('lamp');
    api.put(DEVICE_OBJECTS, { ...lamp, metadata: { ...lamp.metadata, managedFields: [{}] } as never });
    const { cache } = follow(client, DEVICE_OBJECTS);
    await waitFor('the list', () => cache.synced);
    const cached = cache.get('default', 'lamp')!;
    expect(cached).toMatchObject({ apiVersion: 'devices.kubeedge.io/v1beta1', kind: 'Device' });
    expect(cached.metadata).not.toHaveProperty('managedFields');
  });

  it('tells what was added, changed and deleted', async () => {
    const { api, client } = await startFakeCluster();
    api.put(DEVICE_OBJECTS, device('lamp'));
    const { cache } = follow(client, DEVICE_OBJECTS);
    const seen: string[] = [];
    cache.onChange(({ kind, object }) => void seen.push(`${kind} ${object.metadata.name}`));
    await waitFor('the watch', () => api.watchers === 1);
    api.put(DEVICE_OBJECTS, device('fan'));
    api.put(DEVICE_OBJECTS, device('lamp', { nodeName: 'edge-b' }));
    api.delete(DEVICE_OBJECTS, 'fan');
    await waitFor('the deletion', () => seen.length === 4);
    expect(seen).toEqual(['added lamp', 'added fan', 'updated lamp', 'deleted fan']);
  });

  it('takes an object that was deleted and created again under its name for another one', async () => {
    const { api, client } = await startFakeCluster();
    api.put(DEVICE_OBJECTS, device('lamp'));
    const { cache } = follow(client, DEVICE_OBJECTS);
    await waitFor('the list', () => cache.synced);
    const first = cache.get('default', 'lamp')!.metadata.uid!;
    const seen: string[] = [];
    cache.onChange(({ kind, object }) => void seen.push(`${kind} ${object.metadata.uid}`));
    // Both happen while nobody watches, and the history of it is gone.
    api.fault = ({ query }) => (query.has('watch') ? { kind: 'answer', status: 500 } : undefined);
    api.cutWatches();
    api.delete(DEVICE_OBJECTS, 'lamp');
    const second = api.put(DEVICE_OBJECTS, device('lamp')).metadata.uid!;
    api.compact();
    api.fault = () => undefined;
    await waitFor('the new lamp', () => cache.byUid(second));
    expect(seen).toEqual([`deleted ${first}`, `added ${second}`]);
    expect(cache.byUid(first)).toBeUndefined();
  });

  it('resumes a cut watch from the last version that it saw, a bookmark counting', async () => {
    const { api, client } = await startFakeCluster();
    api.put(DEVICE_OBJECTS, device('lamp'));
    const { cache } = follow(client, DEVICE_OBJECTS);
    await waitFor('the watch', () => api.watchers === 1);
    api.put(DEVICE_STATUSES, { ...device('lamp'), kind: 'DeviceStatus', spec: {} } as never);
    api.bookmark();
    api.cutWatches();
    await waitFor('the second watch', () => watches(api).length === 2);
    expect(watches(api)[1]!.query.get('resourceVersion')).toBe('102');
    expect(lists(api)).toHaveLength(1);
    api.put(DEVICE_OBJECTS, device('fan'));
    await waitFor('the fan', () => cache.get('default', 'fan'));
  });

  it.each([
    ['answers the watch with 410', () => {}],
    [
      'ends the watch with an ERROR event 410',
      (api: FakeApi) => {
        let told = false;
        api.fault = ({ query }) => {
          if (told || !query.has('watch')) return undefined;
          told = true;
          return { kind: 'error-event', status: 410 };
        };
      },
    ],
  ])('lists anew when the server %s', async (_name, prepare) => {
    const { api, client } = await startFakeCluster();
    for (const name of ['lamp', 'fan', 'pump']) api.put(DEVICE_OBJECTS, device(name));
    const { cache } = follow(client, DEVICE_OBJECTS);
    await waitFor('the watch', () => api.watchers === 1);
    const deleted: string[] = [];
    cache.onChange(({ kind, object }) => kind === 'deleted' && deleted.push(object.metadata.name));
    prepare(api);
    api.cutWatches();
    api.delete(DEVICE_OBJECTS, 'fan');
    api.compact();
    await waitFor('the deletion', () => deleted.length > 0);
    expect(deleted).toEqual(['fan']);
    expect(names(cache)).toEqual(['lamp', 'pump']);
  });

  it('starts the list again when a continue token has expired', async () => {
    const { api, client } = await startFakeCluster();
    for (let index = 0; index < 20; index++) api.put(DEVICE_OBJECTS, device(`lamp-${index}`));
    let expired = false;
    api.fault = ({ query }) => {
      if (expired || !query.has('continue')) return undefined;
      expired = true;
      api.compact();
      return undefined;
    };
    const { cache } = follow(client, DEVICE_OBJECTS, { pageSize: 8 });
    await waitFor('the list', () => cache.synced);
    expect(cache.size).toBe(20);
    expect(expired).toBe(true);
  });

  it('waits as long as 429 asks', async () => {
    const { api, client } = await startFakeCluster();
    api.put(DEVICE_OBJECTS, device('lamp'));
    const askedAt: number[] = [];
    api.fault = () => {
      askedAt.push(performance.now());
      return askedAt.length === 1 ? { kind: 'answer', status: 429, retryAfterSeconds: 1 } : undefined;
    };
    const { cache } = follow(client, DEVICE_OBJECTS);
    await waitFor('the list', () => cache.synced);
    expect(askedAt[1]! - askedAt[0]!).toBeGreaterThanOrEqual(995);
  });

  it('serves what it knows while the API server is away, and lists anew when it is back', async () => {
    const { api, client } = await startFakeCluster();
    api.put(DEVICE_OBJECTS, device('lamp'));
    const logger = recordingLogger();
    let now = 1_000;
    const clock = { ...systemClock, now: () => now };
    const { cache, informer } = follow(client, DEVICE_OBJECTS, { logger, clock });
    expect(informer.freshness()).toEqual({ current: false, asOf: undefined, reason: undefined });
    await waitFor('the watch', () => api.watchers === 1 && informer.freshness().current);
    expect(informer.freshness()).toEqual({ current: true, asOf: 1_000, reason: undefined });
    api.fault = () => ({ kind: 'reset' });
    api.cutWatches();
    await waitFor('the outage', () => informer.status().detail.includes('as last known'));
    expect(cache.get('default', 'lamp')).toBeDefined();
    expect(informer.status()).toMatchObject({ name: 'devices', ok: true });
    now = 61_000;
    expect(informer.freshness()).toEqual({
      current: false,
      asOf: 1_000,
      reason: expect.stringContaining('GET /apis/devices.kubeedge.io/v1beta1/devices'),
    });
    // What happened meanwhile is in no watch that we could resume: an older history came back, say.
    const listsBefore = lists(api).length;
    api.fault = () => undefined;
    await waitFor('the recovery', () => informer.status().detail === '1 objects');
    expect(informer.freshness()).toMatchObject({ current: true, asOf: 61_000 });
    expect(lists(api).length).toBeGreaterThan(listsBefore);
    await waitFor('the log', () => logger.lines.length === 2);
    expect(logger.lines.map(({ message }) => message)).toEqual([
      'cannot follow devices; trying again',
      'following devices again',
    ]);
  });

  it('follows a server that comes back from a backup, with older objects and versions given twice', async () => {
    const { api, client } = await startFakeCluster();
    api.put(DEVICE_OBJECTS, device('lamp'));
    api.put(DEVICE_OBJECTS, device('fan'));
    const restore = api.backup();
    api.delete(DEVICE_OBJECTS, 'fan');
    api.put(DEVICE_OBJECTS, device('lamp', { nodeName: 'edge-b' }));
    api.put(DEVICE_OBJECTS, device('pump'));
    const { cache } = follow(client, DEVICE_OBJECTS);
    await waitFor('the watch', () => api.watchers === 1);
    expect(names(cache)).toEqual(['lamp', 'pump']);
    api.fault = () => ({ kind: 'reset' });
    api.cutWatches();
    await waitFor('two tries', () => api.requests.length >= 4);
    restore();
    // The versions of the lost future are given again, to other content.
    api.delete(DEVICE_OBJECTS, 'fan');
    api.put(DEVICE_OBJECTS, device('lamp', { nodeName: 'edge-c' }));
    api.fault = () => undefined;
    await waitFor('the restored lamp', () => cache.get('default', 'lamp')?.spec.nodeName === 'edge-c');
    await waitFor('the end of the pump', () => cache.size === 1);
  });

  it('waits for a kind that the cluster lacks, says so once, and follows it when it appears', async () => {
    const { api, client } = await startFakeCluster();
    api.absent.add(DEVICES_PATH);
    const logger = recordingLogger();
    const { cache, informer } = follow(client, DEVICE_OBJECTS, { logger, random: () => 0 });
    await waitFor('two tries', () => lists(api).filter(({ path }) => path === DEVICES_PATH).length >= 2);
    expect(cache.synced).toBe(false);
    expect(informer.status()).toEqual({
      name: 'devices',
      ok: true,
      detail: 'the cluster does not serve devices (devices.kubeedge.io/v1beta1); waiting for it to appear',
    });
    api.absent.clear();
    api.put(DEVICE_OBJECTS, device('lamp'));
    await waitFor('the lamp', () => cache.get('default', 'lamp'));
    expect(logger.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
  });

  it('refuses KubeEdge before 1.15 in words', async () => {
    const { api, client } = await startFakeCluster();
    api.absent.add(DEVICES_PATH);
    api.documents.set('/apis/devices.kubeedge.io', { versions: [{ version: 'v1alpha2' }] });
    const { informer } = follow(client, DEVICE_OBJECTS);
    await waitFor('the reason', () => informer.status().detail.includes('KubeEdge 1.15 or newer is needed'));
    expect(informer.status().detail).toBe(
      'the cluster serves devices.kubeedge.io only as v1alpha2, which is not understood here: ' +
        'KubeEdge 1.15 or newer is needed',
    );
  });

  it('keeps what it knows when a kind answers 404 for a while, as a starting API server does', async () => {
    const { api, client } = await startFakeCluster();
    api.put(DEVICE_OBJECTS, device('lamp'));
    const { cache, informer } = follow(client, DEVICE_OBJECTS, { random: () => 0 });
    await waitFor('the watch', () => api.watchers === 1);
    const seen: string[] = [];
    cache.onChange(({ kind }) => void seen.push(kind));
    api.absent.add(DEVICES_PATH);
    api.cutWatches();
    await waitFor('the absence', () => informer.status().detail.includes('does not serve'));
    api.absent.clear();
    await waitFor('the watch again', () => api.watchers === 1);
    expect(seen).toEqual([]);
  });

  it('ends its watch and asks nothing more once closed', async () => {
    const { api, client } = await startFakeCluster();
    const { informer } = follow(client, DEVICE_OBJECTS);
    await waitFor('the watch', () => api.watchers === 1);
    await informer.close();
    await informer.close();
    await waitFor('the end of the watch', () => api.watchers === 0);
    expect(api.requests).toHaveLength(2);
  });
});
