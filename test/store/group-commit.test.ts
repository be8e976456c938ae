import { describe, expect, it } from 'vitest';
import { BACKLOG_LIMIT, GroupCommit } from '../../store/group-commit.ts';
import { ManualClock } from '../harness/manual-clock.ts';

/** A disk that takes or refuses, and remembers what it took, commit by commit. */
function startGroup(onCommitted: (writes: readonly number[]) => void = () => {}, windowMs = 10) {
  const disk = { refuses: false, commits: [] as number[][], errors: 0 };
  const clock = new ManualClock();
  const group = new GroupCommit<number>({
    clock,
    windowMs,
    awaitedWindowMs: 10,
    commit(writes) {
      if (disk.refuses) throw new Error('disk full');
      disk.commits.push([...writes]);
    },
    onCommitted,
    onError: () => disk.errors++,
  });
  return { disk, clock, group };
}

const outcome = (promise: Promise<void>) =>
  promise.then(
    () => 'durable',
    (error: Error) => error.message,
  );

describe('group commit', () => {
  it('[S2] gathers the writes of one window into one commit, in order', async () => {
    const { disk, clock, group } = startGroup();
    group.put(1);
    await clock.advance(9);
    group.put(2);
    expect(disk.commits).toEqual([]);
    await clock.advance(1);
    expect(disk.commits).toEqual([[1, 2]]);
    group.put(3);
    await clock.advance(10);
    expect(disk.commits).toEqual([[1, 2], [3]]);
  });

  it('[S2] does not wait for the window with a thousand writes, and takes no more into one commit', async () => {
    const { disk, clock, group } = startGroup();
    for (let write = 0; write < 2500; write++) group.put(write);
    await clock.advance(0);
    expect(disk.commits.map(({ length }) => length)).toEqual([1000, 1000]);
    await clock.advance(10);
    expect(disk.commits.map(({ length }) => length)).toEqual([1000, 1000, 500]);
    expect(disk.commits.flat()).toEqual(Array.from({ length: 2500 }, (_, write) => write));
  });

  it('[S2] in economy waits a second for others, unless somebody awaits what is put', async () => {
    const { disk, clock, group } = startGroup(undefined, 1000);
    group.put(1);
    await clock.advance(999);
    expect(disk.commits).toEqual([]);
    await clock.advance(1);
    expect(disk.commits).toEqual([[1]]);
    group.put(2);
    await clock.advance(500);
    const asked = outcome(group.durable());
    await clock.advance(10);
    expect(disk.commits).toEqual([[1], [2]]);
    expect(await asked).toBe('durable');
    group.put(3);
    await clock.advance(900);
    expect(disk.commits.length).toBe(2);
  });

  it('[S3] calls durable what was put before the question, not what came after it', async () => {
    const { clock, group } = startGroup();
    await group.durable();
    for (let write = 0; write < 1000; write++) group.put(write);
    let isDurable = false;
    void group.durable().then(() => {
      isDurable = true;
    });
    for (let write = 0; write < 1000; write++) group.put(write);
    await clock.advance(0);
    expect(isDurable).toBe(true);
  });

  it('[S3] resolves only with the commit that holds the last write asked for', async () => {
    const { clock, group, disk } = startGroup();
    for (let write = 0; write < 1001; write++) group.put(write);
    const asked = outcome(group.durable());
    let settled = false;
    void asked.then(() => {
      settled = true;
    });
    await clock.advance(0);
    expect([disk.commits.length, settled]).toEqual([1, false]);
    await clock.advance(10);
    expect(await asked).toBe('durable');
  });

  it('[S3] rejects when the disk refuses, keeps the writes, and tries again', async () => {
    const { disk, clock, group } = startGroup();
    disk.refuses = true;
    group.put(1);
    const first = outcome(group.durable());
    await clock.advance(10);
    expect(await first).toBe('disk full');
    group.put(2);
    await clock.advance(249);
    expect(disk.errors).toBe(1);
    await clock.advance(1);
    expect(disk.errors).toBe(2);
    disk.refuses = false;
    const second = outcome(group.durable());
    await clock.advance(250);
    expect(await second).toBe('durable');
    expect(disk.commits).toEqual([[1, 2]]);
  });

  it('[S3] says by flush whether the disk took it', () => {
    const { disk, group } = startGroup();
    for (let write = 0; write < 1500; write++) group.put(write);
    expect(group.flush()).toBe(true);
    expect(disk.commits.map(({ length }) => length)).toEqual([1000, 500]);
    disk.refuses = true;
    group.put(1);
    expect(group.flush()).toBe(false);
  });

  it('[S3] holds a bounded backlog and refuses by name beyond it', () => {
    const { disk, group } = startGroup();
    disk.refuses = true;
    for (let write = 0; write < BACKLOG_LIMIT; write++) group.put(write);
    expect(() => group.put(1)).toThrow(expect.objectContaining({ code: 'STORE_BACKLOG' }));
  });

  it('[S7] tells each commit once and in order, though a listener puts and flushes', async () => {
    const told: number[][] = [];
    const { disk, clock, group } = startGroup((writes) => {
      told.push([...writes]);
      if (writes.includes(1)) {
        group.put(10);
        group.put(11);
        group.flush();
        expect(told).toEqual([[1, 2]]);
      }
    });
    group.put(1);
    group.put(2);
    await clock.advance(10);
    expect(disk.commits).toEqual([
      [1, 2],
      [10, 11],
    ]);
    expect(told).toEqual(disk.commits);
  });

  it('[S9] commits what is left at the close, and takes no more', () => {
    const { disk, group } = startGroup();
    group.put(1);
    group.close();
    group.close();
    expect(disk.commits).toEqual([[1]]);
    expect(() => group.put(2)).toThrow(expect.objectContaining({ code: 'STORE_CLOSED' }));
  });

  it('[S9] says at the close what is lost, and leaves no timer', async () => {
    const { disk, clock, group } = startGroup();
    disk.refuses = true;
    group.put(1);
    const asked = outcome(group.durable());
    expect(() => group.close()).toThrow(expect.objectContaining({ code: 'STORE_NOT_SAVED' }));
    expect(await asked).toBe('disk full');
    await clock.advance(60_000);
    expect(disk.errors).toBe(1);
  });
});
