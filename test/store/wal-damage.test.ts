import { execFileSync } from 'node:child_process';
import {
  closeSync,
  cpSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openStore, putReport, seqs, tempDir } from './stores.ts';

/** Copies to damage; the nightly run takes 500. */
const COPIES = Number(process.env.OCTOGRAPH_WAL_COPIES ?? 60);
const SEED = Number(process.env.OCTOGRAPH_SEED ?? 1);

type Damage = 'cut' | 'zeroed' | 'flipped';
const DAMAGES: Damage[] = ['cut', 'zeroed', 'flipped'];

function damage(path: string, kind: Damage, offset: number): void {
  const file = openSync(path, 'r+');
  switch (kind) {
    case 'cut':
      ftruncateSync(file, offset);
      break;
    case 'zeroed':
      writeSync(file, Buffer.alloc(Math.min(4096, fstatSync(file).size - offset)), 0, undefined, offset);
      break;
    case 'flipped': {
      const byte = Buffer.alloc(1);
      readSync(file, byte, 0, 1, offset);
      byte[0] = (byte[0] as number) ^ (1 << (offset % 8));
      writeSync(file, byte, 0, 1, offset);
    }
  }
  closeSync(file);
}

it(`[S3] holds every acknowledged row below the damage, over ${COPIES} damaged logs (seed ${SEED})`, {
  timeout: 600_000,
}, async () => {
  const path = join(tempDir(), 'edge.db');
  const { store } = openStore(path, { copyEveryMs: 0 });
  const marks: Array<{ bytes: number; seq: number }> = [];
  for (let commit = 0; commit < 80; commit++) {
    for (let report = 0; report < 1 + (commit % 5); report++) putReport(store, `p${report}`);
    expect(store.flush()).toBe(true);
    marks.push({ bytes: statSync(`${path}-wal`).size, seq: store.lastSeq() });
  }
  // By another process: to close a file that this one has open would take SQLite's lock away.
  const copies = join(path, '..', 'copies');
  execFileSync('mkdir', [copies]);
  execFileSync('cp', [path, `${path}-wal`, copies]);
  const size = marks.at(-1)?.bytes as number;
  let random = SEED;
  for (let copy = 0; copy < COPIES; copy++) {
    random = (random * 48_271) % 2_147_483_647;
    const offset = random % size;
    const kind = DAMAGES[copy % DAMAGES.length] as Damage;
    const damaged = join(tempDir(), 'edge.db');
    cpSync(join(copies, 'edge.db'), damaged);
    cpSync(join(copies, 'edge.db-wal'), `${damaged}-wal`);
    damage(`${damaged}-wal`, kind, offset);

    const { store: after } = openStore(damaged, { copyEveryMs: 0 });
    const rows = seqs(after.readOutbox(0, 100_000));
    const what = `${kind} at ${offset}`;
    expect(rows, what).toEqual(Array.from({ length: rows.length }, (_, n) => n + 1));
    const safe = Math.max(0, ...marks.filter(({ bytes }) => bytes <= offset).map(({ seq }) => seq));
    expect(rows.length, what).toBeGreaterThanOrEqual(safe);
    expect(marks.some(({ seq }) => seq === rows.length) || rows.length === 0, what).toBe(true);
    expect(Math.max(0, ...seqs(after.load().twins)), what).toBe(rows.length);
    expect(after.facts().recovery, what).toBeUndefined();
    await after.close();
  }
  await store.close();
});
