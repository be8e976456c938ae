import { statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NodeObject } from '../../twin/node-object.ts';
import type { Proposal } from '../../twin/twin.ts';
import { device, model } from '../twin/objects.ts';
import { openStore, putReport, seqs, tempDir } from './stores.ts';

const file = () => join(tempDir(), 'data', 'edge.db');
const proposal: Proposal = {
  change: 'chg-1',
  device: 'plant/boiler',
  uid: 'uid-1',
  property: 'setpoint',
  desired: { value: 20, change: 'chg-1' },
  base: null,
};

describe('a store that is opened again', () => {
  it('holds what was put: twins, states, objects, proposals, outbox', async () => {
    const path = file();
    const first = openStore(path).store;
    const twin = putReport(first);
    const state = { device: 'plant/boiler', uid: 'uid-1', state: 'online', aliveAt: 5 };
    first.putState(state);
    first.putObjects([device(), model([{ name: 'a' }])], []);
    first.putProposal(proposal);
    await first.close();

    const second = openStore(path).store;
    expect(second.load()).toEqual({
      twins: [twin],
      states: [state],
      objects: [device(), model([{ name: 'a' }])],
      proposals: [proposal],
    });
    expect(second.readOutbox(0, 10)).toEqual([twin]);
    await second.close();
  });

  it('holds no longer what was removed', async () => {
    const path = file();
    const { store } = openStore(path);
    putReport(store);
    const kept = putReport(store, 'temperature', 'plant/pump');
    store.putState({ device: 'plant/boiler', uid: 'uid-1', state: 'online' });
    store.putObjects([device()], []);
    store.putProposal(proposal);
    store.removeTwins('plant/boiler');
    store.putObjects([], [{ kind: 'Device', namespace: 'plant', name: 'boiler' }]);
    store.removeProposal('chg-1', 'setpoint');
    await store.close();
    const again = openStore(path).store;
    expect(again.load()).toEqual({ twins: [kept], states: [], objects: [], proposals: [] });
    await again.close();
  });

  it('keeps an object as it was when it was put', async () => {
    const path = file();
    const { store } = openStore(path);
    const object: NodeObject = device();
    store.putObjects([object], []);
    object.spec.nodeName = 'changed after';
    await store.close();
    const again = openStore(path).store;
    expect(again.load().objects).toEqual([device()]);
    await again.close();
  });

  it('[S4] has the same id, the next epoch, and goes on counting without a gap after an orderly close', async () => {
    const path = file();
    const first = openStore(path).store;
    for (let report = 0; report < 5; report++) putReport(first);
    await first.close();
    const second = openStore(path).store;
    expect(second.identity).toEqual({ storeId: first.identity.storeId, epoch: 2 });
    expect([second.lastSeq(), second.nextSeq()]).toEqual([5, 6]);
    await second.close();
    const other = openStore(file()).store;
    expect(other.identity.storeId).not.toBe(first.identity.storeId);
    await other.close();
  });

  it('[S4] gives no position again that was given and never put', async () => {
    const path = file();
    const first = openStore(path).store;
    first.nextSeq();
    first.nextSeq();
    await first.close();
    const second = openStore(path).store;
    expect(second.nextSeq()).toBe(3);
    await second.close();
  });

  it('[S4] reserves more positions as they are used up', async () => {
    const path = file();
    const first = openStore(path).store;
    for (let given = 0; given < 1_000_000; given++) {
      first.nextSeq();
      if (given % 100_000 === 0) {
        putReport(first);
        first.flush();
      }
    }
    const last = first.lastSeq();
    await first.close();
    const second = openStore(path).store;
    expect(second.nextSeq()).toBe(last + 1);
    await second.close();
  });

  it('[S5] remembers replica and acknowledgement', async () => {
    const path = file();
    const first = openStore(path).store;
    putReport(first);
    putReport(first);
    first.acknowledge('replica-1', 1);
    await first.close();
    const second = openStore(path).store;
    expect(second.sync).toEqual({ replicaId: 'replica-1', ackedSeq: 1 });
    expect(seqs(second.readOutbox(0, 10))).toEqual([2]);
    await second.close();
  });
});

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

describe('commits', () => {
  it('[S7] are told after they are durable, each report once, in order', async () => {
    const { store, clock } = openStore(file());
    const heard: number[][] = [];
    const unlisten = store.onCommit((updates) => heard.push(seqs(updates)));
    putReport(store);
    putReport(store);
    store.putState({ device: 'plant/boiler', uid: 'uid-1', state: 'online' });
    expect(heard).toEqual([]);
    await clock.advance(10);
    expect(heard).toEqual([[1, 2]]);
    store.putState({ device: 'plant/boiler', uid: 'uid-1', state: 'offline' });
    await clock.advance(10);
    expect(heard).toEqual([[1, 2]]);
    unlisten();
    putReport(store);
    await clock.advance(10);
    expect(heard).toEqual([[1, 2]]);
    await store.close();
  });

  it('[S7] lose nothing that a listener puts', async () => {
    const { store, clock } = openStore(file());
    const unlisten = store.onCommit(() => {
      unlisten();
      putReport(store);
      store.flush();
      putReport(store);
    });
    putReport(store);
    await clock.advance(20);
    expect(seqs(store.readOutbox(0, 10))).toEqual([1, 2, 3]);
    await store.close();
  });

  it('[S7] keep a twin that stays here out of the outbox', async () => {
    const { store } = openStore(file());
    const { seq: _, ...fields } = putReport(store);
    store.putTwin({ ...fields, property: 'private', seq: store.nextSeq() }, { outbox: false });
    store.flush();
    expect(seqs(store.readOutbox(0, 10))).toEqual([1]);
    expect(store.load().twins.map(({ property }) => property)).toEqual(['private', 'temperature']);
    await store.close();
  });

  it('[S2] refuse at the call what cannot be written down', async () => {
    const { store } = openStore(file());
    const twin = putReport(store) as unknown as Record<string, unknown>;
    const cyclic: Record<string, unknown> = { ...twin };
    cyclic.reported = cyclic;
    expect(() => store.putTwin(cyclic as never)).toThrow();
    expect(store.flush()).toBe(true);
    await store.close();
  });

  it('[S9] are made at the close for what still waits', async () => {
    const path = file();
    const { store } = openStore(path);
    for (let report = 0; report < 2500; report++) putReport(store, `p${report % 7}`);
    const durable = store.durable();
    await store.close();
    await store.close();
    await durable;
    expect(() => putReport(store)).toThrow(expect.objectContaining({ code: 'STORE_CLOSED' }));
    const again = openStore(path).store;
    expect(again.outboxStats(0).items).toBe(2500);
    await again.close();
  });
});

describe('the outbox', () => {
  it('is read in order, from behind a position, so many at a time', async () => {
    const { store } = openStore(file());
    for (let report = 0; report < 10; report++) putReport(store, `p${report % 3}`);
    store.flush();
    expect(seqs(store.readOutbox(4, 3))).toEqual([5, 6, 7]);
    expect(seqs(store.readOutbox(10, 3))).toEqual([]);
    await store.close();
  });

  it('[S5] is rid of what was acknowledged, and of nothing else', async () => {
    const { store } = openStore(file());
    for (let report = 0; report < 10; report++) putReport(store);
    store.acknowledge('replica-1', 7);
    store.flush();
    expect(seqs(store.readOutbox(0, 10))).toEqual([8, 9, 10]);
    store.acknowledge('replica-1', 3);
    expect(store.sync.ackedSeq).toBe(7);
    await store.close();
  });

  it('[S5] believes no acknowledgement of what was never given', async () => {
    const { store } = openStore(file());
    putReport(store);
    store.acknowledge('replica-1', 1_000_000_000);
    const later = putReport(store);
    store.flush();
    expect(store.sync.ackedSeq).toBe(1);
    expect(store.readOutbox(store.sync.ackedSeq, 10)).toEqual([later]);
    await store.close();
  });

  it('says items, bytes and the age of the oldest', async () => {
    const { store, clock } = openStore(file());
    expect(store.outboxStats(clock.now())).toEqual({ items: 0, bytes: 0, oldestAgeMs: 0, dropped: 0 });
    const twin = putReport(store, 'größe in °C 🌡');
    await clock.advance(1000);
    expect(store.outboxStats(clock.now())).toEqual({
      items: 1,
      bytes: Buffer.byteLength(JSON.stringify(twin)),
      oldestAgeMs: 1000,
      dropped: 0,
    });
    expect(store.outboxStats(clock.now() - 400 * 86_400_000).oldestAgeMs).toBe(0);
    store.acknowledge('replica-1', 1);
    store.flush();
    expect(store.outboxStats(clock.now())).toEqual({ items: 0, bytes: 0, oldestAgeMs: 0, dropped: 0 });
    await store.close();
  });

  it('[S6] keeps everything below its bound', async () => {
    const { store } = openStore(file(), { outboxLimitBytes: 1_000_000 });
    for (let report = 0; report < 2000; report++) putReport(store);
    store.flush();
    expect(store.outboxStats(0)).toMatchObject({ items: 2000, dropped: 0 });
    await store.close();
  });

  it('[S6] drops the oldest superseded rows beyond its bound, and counts them exactly, over restarts too', async () => {
    const path = file();
    const limit = { outboxLimitBytes: 20_000 };
    let { store } = openStore(path, limit);
    let put = 0;
    for (let round = 0; round < 20; round++) {
      for (let report = 0; report < 50; report++) {
        putReport(store, `p${report % 5}`);
        put++;
      }
      store.flush();
      if (round === 9) {
        await store.close();
        store = openStore(path, limit).store;
      }
    }
    const { items, bytes, dropped } = store.outboxStats(0);
    expect(bytes).toBeLessThanOrEqual(20_000);
    expect(bytes).toBeGreaterThan(17_000);
    expect(items + dropped).toBe(put);
    const rows = store.readOutbox(0, 10_000);
    expect(rows.length).toBe(items);
    expect(seqs(rows)).toEqual(seqs(rows).sort((a, b) => a - b));
    expect(seqs(rows).at(-1)).toBe(put);
    await store.close();
  });

  it('[S6] keeps the newest row of each property, though that exceeds the bound', async () => {
    const { store } = openStore(file(), { outboxLimitBytes: 1000 });
    for (let round = 0; round < 3; round++) {
      for (let n = 0; n < 100; n++) putReport(store, `p${n}`);
      store.flush();
    }
    expect(store.outboxStats(0)).toMatchObject({ items: 100, dropped: 200 });
    expect(seqs(store.readOutbox(0, 1000))).toEqual(Array.from({ length: 100 }, (_, n) => 201 + n));
    await store.close();
  });

  it('[S6] lets the rows of a device go first that is gone', async () => {
    const { store } = openStore(file(), { outboxLimitBytes: 1000 });
    putReport(store, 'temperature', 'plant/gone');
    store.removeTwins('plant/gone');
    for (let n = 0; n < 10; n++) putReport(store, `p${n}`);
    store.flush();
    expect(store.readOutbox(0, 100).map(({ device }) => device)).not.toContain('plant/gone');
    expect(store.outboxStats(0)).toMatchObject({ items: 10, dropped: 1 });
    await store.close();
  });

  it('[S5 S6] is a list, whatever is put, acknowledged, flushed and reopened', async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('put' as const), property: fc.constantFrom('a', 'b', 'c') }),
      fc.record({ do: fc.constant('ack' as const), share: fc.double({ min: 0, max: 1.2, noNaN: true }) }),
      fc.record({ do: fc.constant('flush' as const) }),
      fc.record({ do: fc.constant('reopen' as const) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const path = file();
        let { store } = openStore(path);
        let rows: number[] = [];
        let acked = 0;
        for (const now of steps) {
          if (now.do === 'put') rows.push(putReport(store, now.property).seq);
          if (now.do === 'ack') {
            const upTo = Math.floor(store.lastSeq() * now.share);
            store.acknowledge('replica', upTo);
            acked = Math.max(acked, Math.min(upTo, store.lastSeq()));
            rows = rows.filter((seq) => seq > acked);
          }
          if (now.do === 'flush') store.flush();
          if (now.do === 'reopen') {
            await store.close();
            store = openStore(path).store;
          }
          if (now.do === 'flush' || now.do === 'reopen') {
            expect(seqs(store.readOutbox(0, 1000))).toEqual(rows);
            expect(store.outboxStats(0)).toMatchObject({ items: rows.length, dropped: 0 });
            expect(store.sync.ackedSeq).toBe(acked);
          }
        }
        await store.close();
      }),
      { numRuns: 40 },
    );
  });
});
