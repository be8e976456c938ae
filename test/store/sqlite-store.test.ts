import { copyFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { registerStoreContract } from '../contract/store-contract.ts';
import { openStore, putReport, tempDir } from './stores.ts';

const file = () => join(tempDir(), 'data', 'edge.db');

registerStoreContract('sqlite', { createDisk: file, open: openStore });

describe('the file', () => {
  it('[S1] is refused to a second opener by its name, and the first goes on', async () => {
    const path = file();
    const { store } = openStore(path);
    putReport(store);
    expect(() => openStore(path)).toThrow(
      expect.objectContaining({ code: 'STORE_LOCKED', message: expect.stringContaining(path) }),
    );
    expect(store.flush()).toBe(true);
    await store.close();
    await openStore(path).store.close();
  });

  it('[S1] lies in a directory for its owner alone', async () => {
    const path = file();
    await openStore(path).store.close();
    expect(statSync(join(path, '..')).mode & 0o777).toBe(0o700);
  });

  it('[S8] of a newer version is refused, and left as it is', async () => {
    const path = file();
    await openStore(path).store.close();
    const db = new Database(path);
    db.pragma('user_version = 99');
    db.close();
    expect(() => openStore(path)).toThrow(
      expect.objectContaining({ code: 'STORE_TOO_NEW', message: expect.stringContaining('version 99') }),
    );
    const after = new Database(path);
    expect(after.pragma('user_version', { simple: true })).toBe(99);
    after.close();
  });
});

describe('a file of an older version', () => {
  const fixture = (version: number) =>
    new URL(`../fixtures/store/version-${version}.db`, import.meta.url).pathname;

  it.each([1])('[S8] %i is migrated, and loses nothing', async (version) => {
    const path = join(tempDir(), 'edge.db');
    copyFileSync(fixture(version), path);
    const { store } = openStore(path);
    expect(store.identity).toEqual({ storeId: 'store-mc2z8tpxbv0dsqck', epoch: 2 });
    expect(store.sync).toEqual({ replicaId: 'replica-1', ackedSeq: 2 });
    const { twins, states, objects, proposals } = store.load();
    expect(twins.map(({ property, seq, reported }) => [property, seq, reported?.value])).toEqual([
      ['p0', 6, 0.6],
      ['p1', 4, 0.4],
      ['p2', 5, 0.5],
    ]);
    expect(states).toMatchObject([{ device: 'plant/boiler', state: 'online' }]);
    expect(objects.map(({ kind }) => kind)).toEqual(['Device', 'DeviceModel']);
    expect(proposals).toMatchObject([{ change: 'chg-1', desired: { value: 20 } }]);
    expect(store.readOutbox(0, 10).map(({ seq }) => seq)).toEqual([3, 4, 5, 6]);
    const next = putReport(store, 'p0');
    expect(next.seq).toBe(7);
    expect(store.flush()).toBe(true);
    await store.close();
    const again = openStore(path).store;
    expect(again.load().twins.find(({ property }) => property === 'p0')).toEqual(next);
    await again.close();
  });

  it('[S8] 4 is migrated, and goes on with its history, changes and messages', async () => {
    const path = join(tempDir(), 'edge.db');
    copyFileSync(fixture(4), path);
    const { store } = openStore(path);
    const from = 1_700_000_000_000;
    const valuesOf = (device: string, property: string) =>
      store
        .readHistory({ device, property, from, to: from + 60_000, points: 10, method: 'RAW' })
        .samples.map(({ value }) => value);
    const twin = store
      .load()
      .twins.find(({ device, property }) => `${device} ${property}` === 'plant/pump p0')!;
    const reported = { value: 4, quality: 'GOOD' as const, observedAt: from + 4000 };
    store.putTwin({ ...twin, seq: store.nextSeq(), reported });
    expect(store.flush()).toBe(true);
    expect(valuesOf('plant/pump', 'p0')).toEqual([1, 2, 3, 4]);
    expect(valuesOf('plant/boiler', 'p1')).toEqual([1, 2, 3]);
    expect(store.change('chg-4')?.change.createdBy).toBe('ann');
    expect(store.messages.read('down', 0, { items: 10, bytes: 1000 })).toMatchObject([{ topic: 't' }]);
    await store.close();
  });
});
