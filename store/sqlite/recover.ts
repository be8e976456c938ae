import { copyFileSync, existsSync, renameSync, rmSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { codeOf, messageOf } from '../../lib/errors.ts';
import type { StoreContent, StoreRecovery } from '../contract.ts';
import { COPIED_TABLES, copyPath } from './copy.ts';
import { openDatabase } from './database.ts';
import { SqliteTables } from './tables.ts';

/** Files up to this many bytes are checked as a whole at each start; of larger ones, all but the history. */
const WHOLE_CHECK_BYTES = 32 * 1024 * 1024;
const CORRUPT = new Set(['SQLITE_CORRUPT', 'SQLITE_NOTADB', 'STORE_CORRUPT']);

export interface Opened {
  tables: SqliteTables;
  /** What they hold: all of it was read to be checked. */
  content: StoreContent;
  /** What was lost, where the file was found corrupt. */
  recovery?: StoreRecovery;
}

/**
 * [S13] Opens the file, or what can be had in its place: a corrupt one is put aside, and the last good copy, or an empty
 * store, takes its place under a new store id.
 * @param now wall clock, milliseconds
 */
export function openTables(path: string, now: number): Opened {
  try {
    return openChecked(path);
  } catch (error) {
    if (!isCorrupt(error)) throw error;
    const quarantine = `${path}.corrupt-${new Date(now).toISOString().replaceAll(':', '-')}`;
    for (const suffix of ['', '-wal', '-shm']) {
      if (existsSync(path + suffix)) renameSync(path + suffix, quarantine + suffix);
    }
    const { restoredFrom, ...opened } = openCopy(path);
    opened.tables.transaction(() => opened.tables.meta.remove('storeId'));
    return { ...opened, recovery: { at: now, quarantine, restoredFrom, reason: messageOf(error) } };
  }
}

function openCopy(path: string): Opened & { restoredFrom?: string } {
  const copy = copyPath(path);
  if (existsSync(copy)) {
    copyFileSync(copy, path);
    try {
      return { ...openChecked(path), restoredFrom: copy };
    } catch (error) {
      if (!isCorrupt(error)) throw error;
      for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
    }
  }
  return openChecked(path);
}

function openChecked(path: string): Opened {
  const db = openDatabase(path);
  try {
    check(db);
    const tables = new SqliteTables(db, path);
    const content = tables.load();
    tables.outbox.verify();
    return { tables, content };
  } catch (error) {
    db.close();
    throw error;
  }
}

/** SQLite's own look at its pages; what they hold is checked by their seals. */
function check(db: Database): void {
  const size =
    Number(db.pragma('page_count', { simple: true })) * Number(db.pragma('page_size', { simple: true }));
  const checks =
    size <= WHOLE_CHECK_BYTES ? ['quick_check(1)'] : COPIED_TABLES.map((table) => `quick_check(${table})`);
  for (const each of checks) {
    const result = db.pragma(each, { simple: true });
    if (result !== 'ok') throw Object.assign(new Error(String(result)), { code: 'SQLITE_CORRUPT' });
  }
}

const isCorrupt = (error: unknown) => {
  const code = codeOf(error);
  // What is no JSON, and no number where one was put, is broken too.
  return (
    error instanceof SyntaxError ||
    (code !== undefined && [...CORRUPT].some((known) => code.startsWith(known)))
  );
};
