import { describe, expect, it } from 'vitest';
import { DEVICE_OBJECTS } from '../../kubernetes/resources.ts';
import type { DeviceObject } from '../../twin/device-object.ts';
import { waitFor } from '../harness/wait.ts';
import type { FakeApi, FakeRequest, Fault } from './fake-api.ts';
import { device, follow, seededRandom, startFakeCluster } from './fake-cluster.ts';

const FAULTS_PER_SEED = 125;

describe('an informer under faults', () => {
  it.each([1, 2, 3, 4])(
    `ends equal to the server after ${FAULTS_PER_SEED} faults while objects change (seed %i)`,
    async (seed) => {
      const random = seededRandom(seed);
      const { api, client } = await startFakeCluster();
      for (let index = 0; index < 40; index++) api.put(DEVICE_OBJECTS, device(`lamp-${index}`));
      // Short pauses, so that the faults come thick; their growth is tested with the policy.
      const { cache } = follow(client, DEVICE_OBJECTS, {
        pageSize: 9,
        random: () => random() * 0.001,
        nodeOf: ({ spec }) => spec.nodeName,
      });
      const mirror = new Map<string, DeviceObject>();
      const wrong: string[] = [];
      cache.onChange(({ kind, object, previous }) => {
        const uid = object.metadata.uid!;
        if (mirror.has(uid) !== (kind !== 'added')) wrong.push(`${kind} ${uid}`);
        if (kind === 'updated' && mirror.get(uid) !== previous) wrong.push(`previous of ${uid}`);
        if (kind === 'deleted') mirror.delete(uid);
        else mirror.set(uid, object);
      });

      let injected = 0;
      api.fault = (request) => {
        if (injected >= FAULTS_PER_SEED || random() < 0.3) return undefined;
        injected++;
        return faultFor(request, random);
      };
      while (injected < FAULTS_PER_SEED) {
        change(api, random);
        if (random() < 0.1) api.cutWatches();
        if (random() < 0.1) api.bookmark();
        if (random() < 0.05) api.compact();
        await new Promise((resolve) => setTimeout(resolve, random() * 4));
      }

      const marker = api.put(DEVICE_OBJECTS, device('marker'));
      await waitFor('the marker', () => cache.byUid(marker.metadata.uid!));
      expect(wrong).toEqual([]);
      const byUid = (a: DeviceObject, b: DeviceObject) => a.metadata.uid!.localeCompare(b.metadata.uid!);
      const onServer = api.all(DEVICE_OBJECTS).sort(byUid);
      expect([...cache.list()].sort(byUid)).toEqual(onServer);
      expect([...mirror.values()].sort(byUid)).toEqual(onServer);
      for (const node of ['edge-a', 'edge-b']) {
        const there = onServer.filter(({ spec }) => spec.nodeName === node);
        expect([...cache.byNode(node)].sort(byUid)).toEqual(there);
      }
    },
    60_000,
  );
});

function faultFor({ query }: FakeRequest, random: () => number): Fault {
  const faults: Fault[] = [
    { kind: 'answer', status: 410, reason: 'Expired' },
    { kind: 'answer', status: 500 },
    { kind: 'answer', status: 503 },
    { kind: 'answer', status: 429, retryAfterSeconds: 0 },
    { kind: 'reset' },
    { kind: 'slow', ms: random() * 30 },
  ];
  if (query.has('watch')) {
    const afterEvents = Math.floor(random() * 4);
    faults.push(
      { kind: 'cut', afterEvents, insideEvent: false },
      { kind: 'cut', afterEvents, insideEvent: true },
      { kind: 'error-event', status: 410 },
      { kind: 'error-event', status: 500 },
    );
  }
  return faults[Math.floor(random() * faults.length)]!;
}

/** One object is created, changed, deleted, or deleted and created again at once. */
function change(api: FakeApi, random: () => number): void {
  const name = `lamp-${Math.floor(random() * 60)}`;
  const nodeName = random() < 0.5 ? 'edge-a' : 'edge-b';
  const what = random();
  if (what < 0.3) api.delete(DEVICE_OBJECTS, name);
  if (what < 0.15 || what >= 0.3) api.put(DEVICE_OBJECTS, device(name, { nodeName }));
}
