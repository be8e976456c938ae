import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ConflictQuery, EdgeStore } from '../../store/contract.ts';
import type { StoreOptions } from '../../store/store.ts';
import type { ChangeRecord } from '../../twin/change.ts';
import type { Conflict } from '../../twin/conflict.ts';
import type { History, HistoryRange } from '../../twin/history.ts';
import type { NodeObject } from '../../twin/node-object.ts';
import type { Proposal, Reported, Twin } from '../../twin/twin.ts';
import type { TwinValue } from '../../twin/value.ts';
import type { ManualClock } from '../harness/manual-clock.ts';
import { putReport, seqs } from '../store/stores.ts';
import { change, device, model } from '../twin/objects.ts';

/** What a store must do, whatever it keeps its rows in. A disk outlives the stores that are opened on it. */
export interface StoreUnderTest<Disk> {
  createDisk(): Disk;
  open(disk: Disk, options?: Partial<StoreOptions>): { store: EdgeStore; clock: ManualClock };
}

const proposal: Proposal = {
  change: 'chg-1',
  device: 'plant/boiler',
  uid: 'uid-1',
  property: 'setpoint',
  desired: { value: 20, change: 'chg-1' },
  base: null,
};

export function registerStoreContract<Disk>(name: string, { createDisk, open }: StoreUnderTest<Disk>): void {
  describe(`${name}: a disk`, () => {
    it('[S1] is refused to a second store by name, and the first goes on', async () => {
      const disk = createDisk();
      const { store } = open(disk);
      putReport(store);
      expect(() => open(disk)).toThrow(expect.objectContaining({ code: 'STORE_LOCKED' }));
      expect(store.flush()).toBe(true);
      await store.close();
      await open(disk).store.close();
    });
  });

  describe(`${name}: a store that is opened again`, () => {
    it('holds what was put: twins, states, objects, proposals, outbox', async () => {
      const disk = createDisk();
      const first = open(disk).store;
      const twin = putReport(first);
      const state = { device: 'plant/boiler', uid: 'uid-1', state: 'online', aliveAt: 5 };
      first.putState(state);
      first.putObjects([device(), model([{ name: 'a' }])], []);
      first.putProposal(proposal);
      await first.close();

      const second = open(disk).store;
      expect(second.load()).toEqual({
        twins: [twin],
        states: [state],
        objects: [device(), model([{ name: 'a' }])],
        proposals: [proposal],
      });
      expect(second.readOutbox(0, 10)).toEqual([twin]);
      await second.close();
    });

    it('holds what it was given since, too', async () => {
      const disk = createDisk();
      const first = open(disk).store;
      putReport(first);
      await first.close();
      const second = open(disk).store;
      const twin = putReport(second);
      second.flush();
      expect(second.load().twins).toEqual([twin]);
      expect(second.load().twins).toEqual([twin]);
      await second.close();
    });

    it('holds no longer what was removed', async () => {
      const disk = createDisk();
      const { store } = open(disk);
      putReport(store);
      const kept = putReport(store, 'temperature', 'plant/pump');
      store.putState({ device: 'plant/boiler', uid: 'uid-1', state: 'online' });
      store.putObjects([device()], []);
      store.putProposal(proposal);
      store.removeTwins('plant/boiler');
      store.putObjects([], [{ kind: 'Device', namespace: 'plant', name: 'boiler' }]);
      store.removeProposal('chg-1', 'setpoint');
      await store.close();
      const again = open(disk).store;
      expect(again.load()).toEqual({ twins: [kept], states: [], objects: [], proposals: [] });
      await again.close();
    });

    it('keeps an object as it was when it was put', async () => {
      const disk = createDisk();
      const { store } = open(disk);
      const object: NodeObject = device();
      store.putObjects([object], []);
      object.spec.nodeName = 'changed after';
      await store.close();
      const again = open(disk).store;
      expect(again.load().objects).toEqual([device()]);
      await again.close();
    });

    it('[S4] has the same id, the next epoch, and goes on counting without a gap after an orderly close', async () => {
      const disk = createDisk();
      const first = open(disk).store;
      for (let report = 0; report < 5; report++) putReport(first);
      await first.close();
      const second = open(disk).store;
      expect(second.identity).toEqual({ storeId: first.identity.storeId, epoch: 2 });
      expect([second.lastSeq(), second.nextSeq()]).toEqual([5, 6]);
      await second.close();
      const other = open(createDisk()).store;
      expect(other.identity.storeId).not.toBe(first.identity.storeId);
      await other.close();
    });

    it('[S4] gives no position again that was given and never put', async () => {
      const disk = createDisk();
      const first = open(disk).store;
      first.nextSeq();
      first.nextSeq();
      await first.close();
      const second = open(disk).store;
      expect(second.nextSeq()).toBe(3);
      await second.close();
    });

    it('[S4] reserves more positions as they are used up', async () => {
      const disk = createDisk();
      const first = open(disk).store;
      for (let given = 0; given < 1_000_000; given++) {
        first.nextSeq();
        if (given % 100_000 === 0) {
          putReport(first);
          first.flush();
        }
      }
      const last = first.lastSeq();
      await first.close();
      const second = open(disk).store;
      expect(second.nextSeq()).toBe(last + 1);
      await second.close();
    });

    it('[S5] remembers replica and acknowledgement', async () => {
      const disk = createDisk();
      const first = open(disk).store;
      putReport(first);
      putReport(first);
      first.acknowledge('replica-1', 1);
      await first.close();
      const second = open(disk).store;
      expect(second.sync).toEqual({ replicaId: 'replica-1', ackedSeq: 1 });
      expect(seqs(second.readOutbox(0, 10))).toEqual([2]);
      await second.close();
    });
  });

  describe(`${name}: commits`, () => {
    it('[S7] are told after they are durable, each report once, in order', async () => {
      const { store, clock } = open(createDisk());
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
      const { store, clock } = open(createDisk());
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

    it('[S7] keep a twin that stays here out of the outbox, and tell of it as of any other', async () => {
      const { store } = open(createDisk());
      const heard: number[][] = [];
      store.onCommit((updates) => heard.push(seqs(updates)));
      const { seq: _, ...fields } = putReport(store);
      store.putTwin({ ...fields, property: 'private', seq: store.nextSeq() }, { outbox: false });
      store.flush();
      expect(heard).toEqual([[1, 2]]);
      expect(seqs(store.readOutbox(0, 10))).toEqual([1]);
      expect(
        store
          .load()
          .twins.map(({ property }) => property)
          .sort(),
      ).toEqual(['private', 'temperature']);
      await store.close();
    });

    it('[S6] neither lose what is on its way, nor count what arrived, whatever the bound', async () => {
      const { store, clock } = open(createDisk(), { outboxLimitBytes: 20_000 });
      for (let report = 0; report < 50; report++) putReport(store);
      store.flush();
      store.onItsWay(20, 40);
      for (let report = 0; report < 200; report++) {
        putReport(store);
        store.flush();
      }
      const left = seqs(store.readOutbox(0, 1000));
      const lost = 250 - 20 - left.filter((seq) => seq > 20).length;
      expect(left.filter((seq) => seq > 20 && seq <= 40)).toHaveLength(20);
      expect(lost).toBeGreaterThan(0);
      expect(store.outboxStats(clock.now()).dropped).toBe(lost);
      await store.close();
    });

    it('forget one property, its history too, and nothing else', async () => {
      const disk = createDisk();
      const { store, clock } = open(disk);
      putReport(store, 'secret');
      putReport(store, 'open');
      store.flush();
      store.removeTwin('plant/boiler', 'secret');
      store.removeTwin('plant/boiler', 'unknown');
      store.flush();
      const look = (of: EdgeStore) => {
        const range = {
          from: 0,
          to: clock.now() + 1000,
          points: 10,
          method: 'RAW' as const,
          gapMs: undefined,
        };
        const samples = (property: string) =>
          of.readHistory({ device: 'plant/boiler', property, ...range }).samples.length;
        return [of.load().twins.map(({ property }) => property), samples('secret'), samples('open')];
      };
      expect(look(store)).toEqual([['open'], 0, 1]);
      await store.close();
      const again = open(disk).store;
      expect(look(again)).toEqual([['open'], 0, 1]);
      await again.close();
    });

    it('[S2] refuse at the call what cannot be written down', async () => {
      const { store } = open(createDisk());
      const twin = putReport(store) as unknown as Record<string, unknown>;
      const cyclic: Record<string, unknown> = { ...twin };
      cyclic.reported = cyclic;
      expect(() => store.putTwin(cyclic as never)).toThrow();
      expect(store.flush()).toBe(true);
      await store.close();
    });

    it('[S9] are made at the close for what still waits', async () => {
      const disk = createDisk();
      const { store } = open(disk);
      for (let report = 0; report < 2500; report++) putReport(store, `p${report % 7}`);
      const durable = store.durable();
      await store.close();
      await store.close();
      await durable;
      expect(() => putReport(store)).toThrow(expect.objectContaining({ code: 'STORE_CLOSED' }));
      const again = open(disk).store;
      expect(again.outboxStats(0).items).toBe(2500);
      await again.close();
    });
  });

  describe(`${name}: the outbox`, () => {
    it('is read in order, from behind a position, so many at a time', async () => {
      const { store } = open(createDisk());
      for (let report = 0; report < 10; report++) putReport(store, `p${report % 3}`);
      store.flush();
      expect(seqs(store.readOutbox(4, 3))).toEqual([5, 6, 7]);
      expect(seqs(store.readOutbox(10, 3))).toEqual([]);
      await store.close();
    });

    it('[S16] that begins another history has acknowledged nothing, keeps all rows, and is that history when opened again', async () => {
      const disk = createDisk();
      const first = open(disk).store;
      for (let index = 0; index < 3; index++) putReport(first);
      first.flush();
      first.acknowledge('replica-1', 2);
      const { storeId, epoch } = first.identity;
      first.renewIdentity();
      const { identity } = first;
      expect(identity.storeId).not.toBe(storeId);
      expect(identity.epoch).toBe(epoch);
      expect(first.sync).toEqual({ replicaId: undefined, ackedSeq: 0 });
      expect(seqs(first.readOutbox(0, 10))).toEqual([3]);
      expect(first.nextSeq()).toBe(4);
      await first.close();
      const second = open(disk).store;
      expect(second.identity.storeId).toBe(identity.storeId);
      expect(second.sync).toEqual({ replicaId: undefined, ackedSeq: 0 });
      await second.close();
    });

    it('[S5] is rid of what was acknowledged, and of nothing else', async () => {
      const { store } = open(createDisk());
      for (let report = 0; report < 10; report++) putReport(store);
      store.acknowledge('replica-1', 7);
      store.flush();
      expect(seqs(store.readOutbox(0, 10))).toEqual([8, 9, 10]);
      store.acknowledge('replica-1', 3);
      expect(store.sync.ackedSeq).toBe(7);
      await store.close();
    });

    it('[S5] believes no acknowledgement of what was never given', async () => {
      const { store } = open(createDisk());
      putReport(store);
      store.acknowledge('replica-1', 1_000_000_000);
      const later = putReport(store);
      store.flush();
      expect(store.sync.ackedSeq).toBe(1);
      expect(store.readOutbox(store.sync.ackedSeq, 10)).toEqual([later]);
      await store.close();
    });

    it('says items, bytes and the age of the oldest', async () => {
      const { store, clock } = open(createDisk());
      expect(store.outboxStats(clock.now())).toEqual({ items: 0, bytes: 0, oldestAgeMs: 0, dropped: 0 });
      const twin = putReport(store, 'größe in °C 🌡');
      await clock.advance(1000);
      const { bytes, ...rest } = store.outboxStats(clock.now());
      expect(rest).toEqual({ items: 1, oldestAgeMs: 1000, dropped: 0 });
      const textBytes = Buffer.byteLength(JSON.stringify(twin));
      expect(bytes).toBeGreaterThanOrEqual(textBytes);
      expect(bytes).toBeLessThan(textBytes + 16);
      expect(store.outboxStats(clock.now() - 400 * 86_400_000).oldestAgeMs).toBe(0);
      store.acknowledge('replica-1', 1);
      store.flush();
      expect(store.outboxStats(clock.now())).toEqual({ items: 0, bytes: 0, oldestAgeMs: 0, dropped: 0 });
      await store.close();
    });

    it('[S6] keeps everything below its bound', async () => {
      const { store } = open(createDisk(), { outboxLimitBytes: 1_000_000 });
      for (let report = 0; report < 2000; report++) putReport(store);
      store.flush();
      expect(store.outboxStats(0)).toMatchObject({ items: 2000, dropped: 0 });
      await store.close();
    });

    it('[S6] drops the oldest superseded rows beyond its bound, and counts them exactly, over restarts too', async () => {
      const disk = createDisk();
      const limit = { outboxLimitBytes: 20_000 };
      let { store } = open(disk, limit);
      let put = 0;
      for (let round = 0; round < 20; round++) {
        for (let report = 0; report < 50; report++) {
          putReport(store, `p${report % 5}`);
          put++;
        }
        store.flush();
        if (round === 9) {
          await store.close();
          store = open(disk, limit).store;
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
      const { store } = open(createDisk(), { outboxLimitBytes: 1000 });
      for (let round = 0; round < 3; round++) {
        for (let n = 0; n < 100; n++) putReport(store, `p${n}`);
        store.flush();
      }
      expect(store.outboxStats(0)).toMatchObject({ items: 100, dropped: 200 });
      expect(seqs(store.readOutbox(0, 1000))).toEqual(Array.from({ length: 100 }, (_, n) => 201 + n));
      await store.close();
    });

    it('[S6] lets the rows of a device go first that is gone', async () => {
      const { store } = open(createDisk(), { outboxLimitBytes: 1000 });
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
          const disk = createDisk();
          let { store } = open(disk);
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
              store = open(disk).store;
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

  describe(`${name}: history`, () => {
    const START = 1_700_000_000_000;
    const key = { device: 'plant/boiler', property: 'temperature' };
    const range = { from: START, to: START + 60_000, points: 1000, method: 'RAW' as const, gapMs: 3000 };
    const read = (store: EdgeStore, fields: Partial<HistoryRange> = {}) =>
      store.readHistory({ ...key, ...range, ...fields });
    const reading = (value: TwinValue, second: number, fields: Partial<Reported> = {}): Reported => ({
      value,
      quality: 'GOOD',
      observedAt: START + second * 1000,
      ...fields,
    });
    const put = (store: EdgeStore, reported: Reported, of = key): Twin => {
      const twin = {
        ...of,
        uid: 'uid-1',
        seq: store.nextSeq(),
        reported,
        sync: { state: 'NONE' as const, since: 0 },
      };
      store.putTwin(twin);
      return twin;
    };
    const collected = (store: EdgeStore, twin: Twin, second: number) =>
      store.putCollected([{ twin, gapMs: 3000 }], START + second * 1000);
    const shown = ({ samples }: History) => samples.map(({ at, value }) => [(at - START) / 1000, value]);

    it('[S10] holds what was reported, once it is durable, and over a restart', async () => {
      const disk = createDisk();
      const { store } = open(disk);
      for (let second = 0; second < 5; second++) put(store, reading(20 + second / 10, second));
      expect(read(store).samples).toEqual([]);
      store.flush();
      const expected = [
        [0, 20],
        [1, 20.1],
        [2, 20.2],
        [3, 20.3],
        [4, 20.4],
      ];
      expect(shown(read(store))).toEqual(expected);
      await store.close();
      const again = open(disk).store;
      expect(shown(read(again))).toEqual(expected);
      put(again, reading(21, 5));
      again.flush();
      expect(shown(read(again))).toEqual([...expected, [5, 21]]);
      await again.close();
    });

    it('[S10] takes a reading once, though its twin changes in other ways', async () => {
      const disk = createDisk();
      const { store } = open(disk);
      const twin = put(store, reading(20, 0));
      store.putTwin({ ...twin, seq: store.nextSeq(), sync: { state: 'DELIVERED', since: 1 } });
      await store.close();
      const again = open(disk).store;
      const loaded = again.load().twins[0] as Twin;
      again.putTwin({ ...loaded, seq: again.nextSeq(), sync: { state: 'REJECTED', since: 2 } });
      again.flush();
      expect(shown(read(again))).toEqual([[0, 20]]);
      await again.close();
    });

    it('[S11] lets a value last that is read again and again, and begins anew after a silence', async () => {
      const disk = createDisk();
      let { store } = open(disk);
      const twin = put(store, reading(20, 0));
      store.flush();
      for (let second = 1; second <= 10; second++) collected(store, twin, second);
      collected(store, twin, 30);
      store.flush();
      collected(store, twin, 31);
      store.flush();
      collected(store, twin, 32);
      const expected = {
        samples: [
          [0, 20],
          [10, 20],
          [30, 20],
          [32, 20],
        ],
        gaps: [
          { from: START + 10_000, to: START + 30_000 },
          { from: START + 32_000, to: START + 60_000 },
        ],
      };
      const check = () => {
        const history = read(store);
        expect({ samples: shown(history), gaps: history.gaps }).toEqual(expected);
      };
      check();
      await store.close();
      ({ store } = open(disk));
      check();
      await store.close();
    });

    it('[S11] knows nothing from a break on until something is read, though it is what it was', async () => {
      const { store } = open(createDisk());
      const twin = put(store, reading(true, 0));
      store.flush();
      store.breakHistory('plant/boiler', START + 5000, 'device offline');
      store.breakHistory('plant/nowhere', START + 5000, 'device offline');
      store.flush();
      collected(store, twin, 20);
      store.flush();
      const byEvent = read(store, { gapMs: undefined });
      expect(byEvent.gaps).toEqual([{ from: START + 5000, to: START + 20_000 }]);
      expect(byEvent.samples.map(({ value, raw }) => raw ?? value)).toEqual([true, 'device offline', true]);
      await store.close();
    });

    it('[S10] keeps every kind of value and quality', async () => {
      const disk = createDisk();
      const { store } = open(disk);
      const readings: Reported[] = [
        reading(21.3, 0),
        reading(Math.fround(21.3), 1),
        reading(Math.PI, 2),
        reading('9223372036854775807', 3),
        reading(true, 4),
        reading('läuft 🌡', 5),
        reading(7, 6, { quality: 'UNCERTAIN' }),
        reading(null, 7, { quality: 'BAD', raw: 'no answer' }),
        reading(-0.001, 8),
      ];
      for (const each of readings) put(store, each);
      put(store, reading('x'.repeat(2000), 9));
      await store.close();
      const again = open(disk).store;
      const { samples } = read(again);
      expect(samples.slice(0, -1)).toEqual(
        readings.map(({ observedAt, ...rest }) => ({ at: observedAt, ...rest })),
      );
      expect(samples.at(-1)).toMatchObject({ value: null, raw: expect.stringContaining('2000 characters') });
      await again.close();
    });

    it('[S10] is in order, though a clock went back by 400 days and on again', async () => {
      const { store } = open(createDisk());
      const back = -400 * 86_400;
      for (const second of [0, 1, back, back + 1, 2, 3]) put(store, reading(second, second));
      store.flush();
      expect(shown(read(store))).toEqual([0, 1, 2, 3].map((second) => [second, second]));
      expect(read(store, { from: START + (back - 10) * 1000, to: START }).samples.length).toBe(3);
      await store.close();
    });

    it('[S10] forgets a device that is gone, and begins anew with the next of its name', async () => {
      const disk = createDisk();
      const { store } = open(disk);
      put(store, reading(1, 0));
      put(store, reading(2, 0), { device: 'plant/pump', property: 'speed' });
      store.removeTwins('plant/boiler');
      put(store, reading(3, 5));
      await store.close();
      const again = open(disk).store;
      expect(shown(read(again))).toEqual([[5, 3]]);
      expect(shown(again.readHistory({ device: 'plant/pump', property: 'speed', ...range }))).toEqual([
        [0, 2],
      ]);
      await again.close();
    });

    it('[S10] forgets what an earlier opening wrote, before it has read any of it', async () => {
      const disk = createDisk();
      const first = open(disk).store;
      put(first, reading(1, 0));
      await first.close();
      const { store, clock } = open(disk);
      store.removeTwins('plant/boiler');
      expect(read(store).samples).toEqual([]);
      put(store, reading(2, 5));
      store.flush();
      // A round stores the chunks, and lets go of what is forgotten.
      await clock.advance(120_000);
      put(store, reading(3, 6));
      store.flush();
      expect(shown(read(store))).toEqual([
        [5, 2],
        [6, 3],
      ]);
      store.removeTwins('plant/boiler');
      await clock.advance(120_000);
      put(store, reading(4, 7), { device: 'plant/pump', property: 'speed' });
      store.flush();
      expect(read(store).samples).toEqual([]);
      await store.close();
      const again = open(disk).store;
      expect(read(again).samples).toEqual([]);
      await again.close();
    });

    it('[S10] keeps no history where it is told to keep none', async () => {
      const { store } = open(createDisk(), { history: { maxAgeMs: 0 } });
      collected(store, put(store, reading(1, 0)), 9);
      store.flush();
      expect(read(store).samples).toEqual([]);
      await store.close();
    });

    it('[S10] stays within its bytes: the property with the most loses its oldest', async () => {
      const { store, clock } = open(createDisk(), { history: { maxBytes: 20_000 } });
      const quiet = { device: 'plant/pump', property: 'speed' };
      put(store, reading(1, 0), quiet);
      for (let second = 0; second < 60_000; second++) {
        put(store, reading(second % 7 === 0 ? 20 : Math.PI * second, second));
        if (second % 1000 === 999) {
          store.acknowledge('replica', store.lastSeq());
          store.flush();
          await clock.advance(10_000);
        }
      }
      await clock.advance(120_000);
      put(store, reading(1, 60_001));
      store.flush();
      await clock.advance(1000);
      const all = { from: START - 1, to: START + 61_000_000, points: 100_000 };
      const { samples, gaps } = read(store, all);
      expect(samples.length).toBeGreaterThan(1000);
      expect(samples.length).toBeLessThan(6000);
      expect(samples.at(-1)?.at).toBe(START + 60_001_000);
      expect(gaps[0]?.from).toBe(all.from);
      expect(shown(store.readHistory({ ...quiet, ...range }))[0]).toEqual([0, 1]);
      await store.close();
    });

    it('[S10] lets old readings go, some at a time', async () => {
      const day = 86_400_000;
      const { store, clock } = open(createDisk(), { history: { maxAgeMs: day } });
      const old = { device: 'plant/pump', property: 'speed' };
      put(store, reading(1, 0), old);
      store.flush();
      const everOld = { ...old, ...range };
      await clock.advance(61_000);
      put(store, reading(1, 61));
      store.flush();
      await clock.advance(61_000);
      expect(store.readHistory(everOld).samples.length).toBeGreaterThan(0);
      await clock.advance(2 * day);
      for (let minute = 0; minute < 3; minute++) {
        put(store, reading(minute, 2 * 86_400 + 200 + 70 * minute));
        await clock.advance(70_000);
      }
      expect(shown(store.readHistory(everOld))).toEqual([]);
      await store.close();
    });
  });

  describe(`${name}: the ledger`, () => {
    const record = (id: string, fields: Partial<ChangeRecord> = {}): ChangeRecord => ({
      change: change([{ property: 'setpoint', value: 20 }], id),
      progress: { state: 'ACCEPTED', results: [{ property: 'setpoint', state: 'ACCEPTED' }] },
      ...fields,
    });
    const conflict = (id: string, fields: Partial<Conflict> = {}): Conflict => ({
      id,
      device: 'plant/boiler',
      uid: 'uid-1',
      property: 'setpoint',
      winner: { from: 'CLOUD', desired: { value: 21, change: 'chg-cloud' } },
      loser: { from: 'EDGE', desired: { value: 25, change: 'chg-edge', setBy: 'ada' } },
      at: 1_700_000_000_000,
      ...fields,
    });

    it('[S14] answers for a change at once, as it goes on, and over a restart', async () => {
      const disk = createDisk();
      const { store } = open(disk);
      expect(store.change('chg-1')).toBeUndefined();
      store.putChange(record('chg-1'));
      expect(store.change('chg-1')).toEqual(record('chg-1'));
      store.flush();
      const settled = record('chg-1', { progress: { state: 'REPORTED', results: [] }, settledAt: 9 });
      store.putChange(settled);
      expect(store.change('chg-1')).toEqual(settled);
      await store.close();
      const again = open(disk).store;
      expect(again.change('chg-1')).toEqual(settled);
      await again.close();
    });

    it('[S14] finds a change by its idempotency key, for its principal alone, at once and later', async () => {
      const { store } = open(createDisk());
      store.putChange(record('chg-1', { idempotencyKey: 'key' }));
      const found = () => store.changeByKey('ada', 'key')?.change.id;
      expect(found()).toBe('chg-1');
      store.flush();
      expect(found()).toBe('chg-1');
      expect(store.changeByKey('bob', 'key')).toBeUndefined();
      expect(store.changeByKey('ada', 'other')).toBeUndefined();
      store.putChange(record('chg-2', { idempotencyKey: 'key' }));
      expect(found()).toBe('chg-2');
      store.flush();
      expect(found()).toBe('chg-2');
      await store.close();
    });

    it('[S14] lists conflicts, the newest first, by device, open ones, page by page', async () => {
      const disk = createDisk();
      const { store } = open(disk);
      for (let n = 1; n <= 5; n++) {
        store.putConflict(conflict(`con-${n}`, { device: n === 3 ? 'plant/pump' : 'plant/boiler' }));
      }
      store.putConflict(conflict('con-2', { resolvedAt: 7 }));
      await store.close();
      const again = open(disk).store;
      const ids = (query: Partial<ConflictQuery>) =>
        again.conflicts({ limit: 10, ...query }).map(({ id }) => id);
      expect(ids({})).toEqual(['con-5', 'con-4', 'con-3', 'con-2', 'con-1']);
      expect(ids({ device: 'plant/pump' })).toEqual(['con-3']);
      expect(ids({ device: 'plant/boiler', isOpen: true })).toEqual(['con-5', 'con-4', 'con-1']);
      expect(ids({ limit: 2 })).toEqual(['con-5', 'con-4']);
      expect(ids({ limit: 2, after: 'con-4' })).toEqual(['con-3', 'con-2']);
      expect(again.conflict('con-2')).toEqual(conflict('con-2', { resolvedAt: 7 }));
      expect(again.conflict('con-9')).toBeUndefined();
      await again.close();
    });

    it('[S14] keeps a bounded number of changes, and every conflict that is open', async () => {
      const { store } = open(createDisk());
      store.putConflict(conflict('con-open'));
      store.putConflict(conflict('con-old', { resolvedAt: 1 }));
      for (let n = 0; n < 20_100; n++) {
        store.putChange(record(`chg-${n}`));
        store.putConflict(conflict(`con-${n}`, { resolvedAt: 1 }));
        if (n % 5000 === 0) store.flush();
      }
      store.flush();
      expect(store.change('chg-99')).toBeUndefined();
      expect(store.change('chg-100')?.change.id).toBe('chg-100');
      expect(store.conflict('con-open')).toBeDefined();
      expect(store.conflict('con-old')).toBeUndefined();
      await store.close();
    });
  });

  describe(`${name}: messages`, () => {
    const ALL = { items: 1000, bytes: 1_000_000 };
    const text = (payload: string) => ({ payload: Buffer.from(payload), topic: 't' });
    const textsOf = (messages: Array<{ payload: Uint8Array }>) =>
      messages.map(({ payload }) => Buffer.from(payload).toString());
    const put = (store: EdgeStore, box: string, ...payloads: string[]) =>
      payloads.map((payload) => store.messages.put(box, text(payload)));

    it('[S15] are read back in order, box by box, once they are durable, over restarts', async () => {
      const disk = createDisk();
      const { store } = open(disk);
      let commits = 0;
      store.messages.onCommit(() => commits++);
      const [first] = put(store, 'a', '1', '2');
      put(store, 'b', 'x');
      expect(store.messages.read('a', 0, ALL)).toEqual([]);
      expect([store.messages.waiting(), store.messages.totals('a').items]).toEqual([3, 2]);
      store.flush();
      expect([store.messages.waiting(), commits]).toEqual([0, 1]);
      expect(store.messages.read('a', 0, ALL)).toMatchObject([{ seq: first, topic: 't' }, { topic: 't' }]);
      await store.close();
      const again = open(disk).store;
      expect(textsOf(again.messages.read('a', 0, ALL))).toEqual(['1', '2']);
      expect(textsOf(again.messages.read('a', first!, ALL))).toEqual(['2']);
      expect(textsOf(again.messages.read('b', 0, ALL))).toEqual(['x']);
      const [next] = put(again, 'a', '3');
      expect(next).toBeGreaterThan(first! + 2);
      await again.close();
    });

    it('[S15] are read by so many and so long, but always one', async () => {
      const { store } = open(createDisk());
      put(store, 'a', 'x'.repeat(300), 'y'.repeat(300), 'z');
      store.flush();
      const sizes = (limit: typeof ALL) => store.messages.read('a', 0, limit).length;
      expect(sizes({ items: 2, bytes: 1_000_000 })).toBe(2);
      expect(sizes({ items: 10, bytes: 1 })).toBe(1);
      expect(sizes({ items: 10, bytes: 900 })).toBe(2);
      await store.close();
    });

    it('[S15] that are removed are gone at once, and counted once', async () => {
      const disk = createDisk();
      const { store } = open(disk);
      const [, second] = put(store, 'a', '1', '2', '3');
      store.flush();
      expect(store.messages.remove('a', second!)).toBe(2);
      expect(store.messages.remove('a', second!)).toBe(0);
      expect(textsOf(store.messages.read('a', 0, ALL))).toEqual(['3']);
      expect(store.messages.totals('a').items).toBe(1);
      await store.close();
      const again = open(disk).store;
      expect(textsOf(again.messages.read('a', 0, ALL))).toEqual(['3']);
      expect(again.messages.totals('a').items).toBe(1);
      await again.close();
    });

    it('[S15] beyond the bound lose their oldest, which are counted over restarts', async () => {
      const disk = createDisk();
      const { store } = open(disk);
      const limit = { items: 32, bytes: 1_000_000 };
      for (let n = 1; n <= 100; n++) {
        put(store, 'a', String(n));
        store.flush();
        store.messages.bound('a', limit);
      }
      const left = textsOf(store.messages.read('a', 0, ALL));
      expect(left.length).toBeLessThanOrEqual(32);
      expect(left.length).toBeGreaterThanOrEqual(30);
      expect(left).toEqual(Array.from(left, (_, index) => String(101 - left.length + index)));
      expect(store.messages.dropped()).toBe(100 - left.length);
      store.messages.drop(2);
      store.messages.markTold(5);
      await store.close();
      const again = open(disk).store;
      expect(again.messages.dropped()).toBe(102 - left.length);
      expect(again.messages.droppedTold()).toBe(5);
      await again.close();
    });

    it('[S15] count those that are left out while the disk refuses in one write', async () => {
      const { store, clock } = open(createDisk());
      for (let n = 0; n < 300_000; n++) store.messages.drop(1);
      await clock.advance(20);
      expect(store.messages.dropped()).toBe(300_000);
      await store.close();
    });

    it('[S15] know how far another queue was published, and what became of a key', async () => {
      const disk = createDisk();
      const { store } = open(disk);
      const record = {
        id: 'msg-1',
        principal: 'ann',
        idempotencyKey: 'k',
        createdAt: 1,
        expiresAt: 2,
        digest: 'd',
        state: 'STORED' as const,
      };
      store.messages.markPublished('store-x', 7);
      store.messages.putRecord(record);
      expect(store.messages.record('ann', 'k')).toEqual(record);
      store.messages.putRecord({ ...record, state: 'PUBLISHED' });
      store.flush();
      expect(store.messages.record('bob', 'k')).toBeUndefined();
      await store.close();
      const again = open(disk).store;
      expect(again.messages.published()).toEqual({ queue: 'store-x', seq: 7 });
      expect(again.messages.record('ann', 'k')).toMatchObject({ state: 'PUBLISHED' });
      await again.close();
    });
  });
}
