import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { silentLogger } from '../../lib/logger.ts';
import type { EdgeStore } from '../../store/contract.ts';
import { openSqliteStore, type SqliteStoreOptions } from '../../store/sqlite-store.ts';
import type { Twin } from '../../twin/twin.ts';
import { ManualClock } from '../harness/manual-clock.ts';

/** A directory of the test that runs, gone after it. */
export function tempDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'octograph-store-'));
  dirs.push(dir);
  return dir;
}

const dirs: string[] = [];
afterEach(() => {
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
});

/** A store on a real file with a clock that the test moves. */
export function openStore(path: string, options: Partial<SqliteStoreOptions> = {}) {
  const clock = new ManualClock();
  const store = openSqliteStore({ path, clock, logger: silentLogger, ...options });
  return { store, clock };
}

/** Puts the next report of a property; its value says which. */
export function putReport(store: EdgeStore, property = 'temperature', device = 'plant/boiler'): Twin {
  const seq = store.nextSeq();
  const twin: Twin = {
    device,
    uid: `uid-${device}`,
    property,
    seq,
    reported: { value: seq, quality: 'GOOD', observedAt: 1_700_000_000_000 },
    sync: { state: 'NONE', since: 1_700_000_000_000 },
  };
  store.putTwin(twin);
  return twin;
}

export const seqs = (twins: readonly Twin[]): number[] => twins.map(({ seq }) => seq);
