import { expect, it } from 'vitest';
import { silentLogger } from '../../lib/logger.ts';
import { MemoryDisk } from '../../store/memory/disk.ts';
import { openMemoryStore } from '../../store/memory-store.ts';
import type { StoreOptions } from '../../store/store.ts';
import { registerStoreContract } from '../contract/store-contract.ts';
import { ManualClock } from '../harness/manual-clock.ts';
import { putReport, seqs } from './stores.ts';

const createDisk = () => new MemoryDisk();
const open = (disk: MemoryDisk, options: Partial<StoreOptions> = {}) => {
  const clock = new ManualClock();
  return { store: openMemoryStore({ disk, clock, logger: silentLogger, ...options }), clock };
};

registerStoreContract('memory', { createDisk, open });

it('[S4] a crash takes back what was not committed, and nothing else, and no position comes twice', async () => {
  const disk = createDisk();
  const first = open(disk);
  putReport(first.store);
  first.store.flush();
  putReport(first.store);
  disk.crash();
  await first.clock.advance(1000);
  const { store } = open(disk);
  expect(seqs(store.readOutbox(0, 10))).toEqual([1]);
  expect(store.nextSeq()).toBeGreaterThan(2);
  expect(() => first.store.flush()).not.toThrow();
  expect(seqs(store.readOutbox(0, 10))).toEqual([1]);
  await store.close();
});

it('[S3] a full disk keeps what waits until there is room', async () => {
  const disk = createDisk();
  const { store, clock } = open(disk);
  disk.isFull = true;
  putReport(store);
  const durable = store.durable().catch(({ code }) => code);
  await clock.advance(10);
  expect(await durable).toBe('STORE_FULL');
  expect(store.readOutbox(0, 10)).toEqual([]);
  disk.isFull = false;
  await clock.advance(250);
  expect(seqs(store.readOutbox(0, 10))).toEqual([1]);
  await store.close();
});

it('[S3] that cannot begin on a full disk leaves nothing behind, and begins when there is room', async () => {
  const disk = createDisk();
  const clock = new ManualClock();
  const begin = () => openMemoryStore({ disk, clock, logger: silentLogger });
  disk.isFull = true;
  expect(begin).toThrow(expect.objectContaining({ code: 'STORE_FULL' }));
  disk.isFull = false;
  await clock.advance(60_000);
  await begin().close();
});
