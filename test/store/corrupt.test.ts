import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { device } from '../twin/objects.ts';
import { openStore, putReport, seqs, tempDir } from './stores.ts';

const FLIPS = Number(process.env.OCTOGRAPH_FLIPS ?? 100);
const SEED = Number(process.env.OCTOGRAPH_SEED ?? 1);
const MINUTE = 60_000;

/** A store with a good copy beside it, and some that came after the copy. */
async function fill(path: string) {
  const { store, clock } = openStore(path);
  store.putObjects([device([{ name: 'p0' }])], []);
  for (let report = 0; report < 50; report++) putReport(store, `p${report % 5}`);
  store.putState({ device: 'plant/boiler', uid: 'uid-1', state: 'online' });
  store.acknowledge('replica-1', 3);
  await clock.advance(11 * MINUTE);
  for (let report = 0; report < 10; report++) putReport(store, `p${report % 5}`);
  await store.close();
  return store.identity.storeId;
}

describe('a corrupt file', () => {
  it('[S13 S16] is put aside, and the last good copy takes its place under a new store id', async () => {
    const path = join(tempDir(), 'edge.db');
    const storeId = await fill(path);
    writeFileSync(path, Buffer.alloc(8192, 'no database'));

    const { store } = openStore(path);
    expect(store.identity.storeId).not.toBe(storeId);
    expect(seqs(store.readOutbox(0, 100))).toEqual(Array.from({ length: 47 }, (_, n) => n + 4));
    expect(store.sync).toEqual({ replicaId: undefined, ackedSeq: 0 });
    expect(store.load().objects).toEqual([device([{ name: 'p0' }])]);
    const { recovery } = store.facts();
    expect(recovery).toMatchObject({ restoredFrom: `${path}.copy`, reason: expect.any(String) });
    expect(recovery?.quarantine).toMatch(/edge\.db\.corrupt-/);
    expect(readFileSync(recovery?.quarantine as string).toString('latin1')).toContain('no database');
    putReport(store);
    expect(store.flush()).toBe(true);
    await store.close();

    const again = openStore(path).store;
    expect(again.facts().recovery).toBeUndefined();
    expect(again.identity.storeId).toBe(store.identity.storeId);
    await again.close();
  });

  it('[S13] without a copy, or with a corrupt one, begins empty, and says so', async () => {
    const path = join(tempDir(), 'edge.db');
    await fill(path);
    writeFileSync(path, 'no database');
    writeFileSync(`${path}.copy`, 'nor this');
    const { store } = openStore(path);
    expect(store.load().twins).toEqual([]);
    expect(store.facts().recovery?.restoredFrom).toBeUndefined();
    expect(store.facts().recovery?.quarantine).toContain('.corrupt-');
    await store.close();
  });

  it('[S13] a copy is made only when there is news, and replaces the last as a whole', async () => {
    const path = join(tempDir(), 'edge.db');
    const { store, clock } = openStore(path);
    await clock.advance(11 * MINUTE);
    expect(existsSync(`${path}.copy`)).toBe(false);
    putReport(store);
    await clock.advance(11 * MINUTE);
    expect(existsSync(`${path}.copy`)).toBe(true);
    expect(readdirSync(dirname(path)).filter((name) => name.endsWith('.new'))).toEqual([]);
    const copy = new Database(`${path}.copy`, { readonly: true });
    expect(copy.prepare('SELECT count(*) AS count FROM outbox').get()).toEqual({ count: 1 });
    copy.close();
    await store.close();
  });

  it(`[S13] is never taken for a good one: ${FLIPS} flipped bits (seed ${SEED})`, {
    timeout: 300_000,
  }, async () => {
    const original = join(tempDir(), 'edge.db');
    await fill(original);
    const bytes = readFileSync(original);
    const reference = openStore(original);
    const expected = { content: reference.store.load(), outbox: reference.store.readOutbox(0, 1000) };
    await reference.store.close();
    const outcomes = { untouched: 0, recovered: 0, refused: 0 };
    let random = SEED;
    for (let flip = 0; flip < FLIPS; flip++) {
      random = (random * 48_271) % 2_147_483_647;
      const damaged = Buffer.from(bytes);
      const at = random % damaged.length;
      damaged[at] = (damaged[at] as number) ^ (1 << (random % 8));
      const path = join(tempDir(), 'edge.db');
      writeFileSync(path, damaged);
      let opened: ReturnType<typeof openStore>;
      try {
        opened = openStore(path);
      } catch {
        outcomes.refused++;
        continue;
      }
      const { store } = opened;
      if (store.facts().recovery) outcomes.recovered++;
      else {
        outcomes.untouched++;
        expect({ content: store.load(), outbox: store.readOutbox(0, 1000) }, `bit at ${at}`).toEqual(
          expected,
        );
      }
      await store.close();
    }
    expect(outcomes.recovered).toBeGreaterThan(FLIPS / 20);
    expect(outcomes.refused).toBeLessThanOrEqual(FLIPS / 20);
  });
});
