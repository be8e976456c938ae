import { execFileSync } from 'node:child_process';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStore, putReport, seqs, tempDir } from './stores.ts';

/** A disk of its own, 8 MiB; needs the right to mount. */
function mount(dir: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', dir], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

let disk: string;
let isMounted = false;
beforeEach((context) => {
  disk = tempDir();
  isMounted = mount(disk);
  if (!isMounted) context.skip('a small disk needs the right to mount a tmpfs');
});
afterEach(() => {
  if (isMounted) execFileSync('umount', ['-l', disk]);
  isMounted = false;
});

/** Takes all the room that is left. */
function fillDisk(): string {
  const path = join(disk, 'filler');
  const file = openSync(path, 'w');
  try {
    for (;;) writeSync(file, Buffer.alloc(4096, 1));
  } catch {
    return path;
  } finally {
    closeSync(file);
  }
}

describe('a full disk', () => {
  it('[S12] stops the history first; twins and reads go on, and all of it when there is room again', async () => {
    const { store, clock } = openStore(join(disk, 'edge.db'));
    const property = 'temperature';
    const put = async () => {
      const twin = putReport(store, property);
      await clock.advance(1000);
      return twin;
    };
    for (let report = 0; report < 20; report++) await put();
    const filler = fillDisk();
    let report = 0;
    while (!store.facts().isHistoryStopped && report++ < 5000) await put();
    expect(store.facts()).toMatchObject({ isHistoryStopped: true, isRefused: false });
    const durable = store.lastSeq();
    expect(seqs(store.readOutbox(durable - 1, 10))).toEqual([durable]);
    expect(store.load().twins[0]?.seq).toBe(durable);

    rmSync(filler);
    await clock.advance(5000);
    expect(store.facts().isHistoryStopped).toBe(false);
    const last = await put();
    expect(store.facts()).toMatchObject({ isHistoryStopped: false, isRefused: false });
    expect(seqs(store.readOutbox(0, 100_000))).toEqual(Array.from({ length: last.seq }, (_, n) => n + 1));
    await store.close();
  });

  it('[S3 S12] makes writes wait when nothing can be spared any more, loses none, and reads go on', async () => {
    const { store, clock } = openStore(join(disk, 'edge.db'));
    putReport(store);
    await clock.advance(10);
    let filler = fillDisk();
    let refused: unknown;
    for (let round = 0; round < 500 && !refused; round++) {
      for (let report = 0; report < 100; report++) putReport(store, `p${report}`);
      const durable = store.durable().catch((error) => {
        refused = error;
      });
      await clock.advance(10);
      await durable;
      if (!refused && round % 20 === 19) {
        rmSync(filler);
        filler = fillDisk();
      }
    }
    expect(refused).toMatchObject({ code: expect.stringMatching(/^SQLITE_(FULL|IOERR)/) });
    expect(store.facts().isRefused).toBe(true);
    expect(store.load().twins.length).toBeGreaterThan(0);
    putReport(store);

    rmSync(filler);
    await clock.advance(5000);
    expect(store.facts()).toMatchObject({ isRefused: false, isHistoryStopped: false });
    const rows = seqs(store.readOutbox(0, 1_000_000));
    expect(rows).toEqual(Array.from({ length: store.lastSeq() }, (_, n) => n + 1));
    await store.close();
  });

  it('[S12] does not keep a node from starting: what can be spared makes room', async () => {
    const path = join(disk, 'edge.db');
    const first = openStore(path);
    for (let report = 0; report < 100; report++) putReport(first.store, `p${report}`);
    first.store.flush();
    const filler = fillDisk();
    await first.store.close();

    const { store, clock } = openStore(path);
    expect(store.load().twins.length).toBe(100);
    const twin = putReport(store);
    const durable = store.durable();
    await clock.advance(10);
    await durable;
    expect(store.readOutbox(twin.seq - 1, 10)).toEqual([twin]);
    rmSync(filler);
    await clock.advance(5000);
    expect(store.facts()).toMatchObject({ isRefused: false, isHistoryStopped: false });
    await store.close();
  });
});
