import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { codeOf, OctographError } from '../../lib/errors.ts';
import { migrate } from './schema.ts';

/**
 * [S1] Opens the file for this process alone: WAL, synchronous=FULL.
 * @throws OctographError `STORE_LOCKED` when another process has the file, `STORE_TOO_NEW` when a newer version wrote it.
 */
export function openDatabase(path: string): Database.Database {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const db = new Database(path, { timeout: 0 });
  try {
    // Before WAL: an exclusive lock that is taken first lasts for the life of the process.
    db.pragma('locking_mode = EXCLUSIVE');
    db.exec('BEGIN IMMEDIATE; COMMIT');
    migrate(db, path);
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    // KiB. The 16 MB of better-sqlite3 hold pages that the kernel holds too.
    db.pragma('cache_size = -2000');
    db.exec('BEGIN IMMEDIATE; COMMIT');
  } catch (error) {
    db.close();
    if (codeOf(error)?.startsWith('SQLITE_BUSY')) {
      throw new OctographError(
        'STORE_LOCKED',
        `${path} is in use by another process: one edge node, one data directory`,
        { cause: error },
      );
    }
    throw error;
  }
  return db;
}
