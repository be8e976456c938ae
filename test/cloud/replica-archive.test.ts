import { expect, it } from 'vitest';
import { ReplicaArchive } from '../../cloud/replica-archive.ts';
import { silentLogger } from '../../lib/logger.ts';
import { MemoryDisk } from '../../store/memory/disk.ts';
import { openMemoryStore } from '../../store/memory-store.ts';
import { CloudFixture, PUMP, snapshot, twin } from './fixture.ts';

/** A cloud after another one that knew `twin(5, 20)` of edge-a, store-1. */
async function restart(now: { nodeName?: string; uid?: string } = {}) {
  const disk = new MemoryDisk();
  const before = new CloudFixture();
  const store = openMemoryStore({ disk, clock: before.clock, logger: silentLogger });
  const archive = new ReplicaArchive(store, before.clock);
  archive.twin('edge-a', twin(5, 20), 'store-1');
  await before.clock.advance(1000);
  await archive.close();
  await store.close();

  const cloud = new CloudFixture();
  cloud.cluster.putDevice('pump', now);
  const next = new ReplicaArchive(
    openMemoryStore({ disk, clock: cloud.clock, logger: silentLogger }),
    cloud.clock,
  );
  const restored = next.restore(cloud.replica, cloud.cluster.devices).map(({ metadata }) => metadata.name);
  const value = (nodeName = 'edge-a', uid = 'uid-pump') =>
    cloud.replica.twin(nodeName, PUMP, uid, 'temperature')?.reported?.value;
  return { cloud, restored, value };
}

it('gives a new replica what the one before knew, and says of which devices', async () => {
  const { restored, value } = await restart();
  expect(restored).toEqual(['pump']);
  expect(value()).toBe(20);
});

it('[T17] keeps its place in the order: what the node says again of it is nothing new', async () => {
  const { cloud, value } = await restart();
  cloud.replica.connect('edge-a', 'store-1');
  cloud.replica.apply('edge-a', [twin(4, 19), twin(5, 20)]);
  expect(cloud.taken).toEqual([]);
  expect(value()).toBe(20);
  cloud.replica.apply('edge-a', [twin(6, 21)]);
  expect(value()).toBe(21);
});

it('stands behind everything that another store says', async () => {
  const { cloud, value } = await restart();
  cloud.replica.connect('edge-a', 'store-2');
  cloud.replica.apply('edge-a', [twin(1, 30)]);
  expect(value()).toBe(30);
});

it('is gone where the node does not know it any more', async () => {
  const { cloud, value } = await restart();
  cloud.replica.connect('edge-a', 'store-1');
  cloud.replica.applySnapshot('edge-a', snapshot([]), 0);
  expect(value()).toBeUndefined();
});

it('is forgotten where the device moved, or was created again', async () => {
  expect((await restart({ nodeName: 'edge-b' })).value('edge-b')).toBeUndefined();
  expect((await restart({ uid: 'uid-2' })).value('edge-a', 'uid-2')).toBeUndefined();
});
