import { renameSync, rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import { migrate } from './schema.ts';

/** What a node cannot ask anybody else for. History is left out: it is large, and a gap in it is told as one. */
export const COPIED_TABLES = [
  'meta',
  'twin',
  'device_state',
  'object',
  'proposal',
  'outbox',
  'change',
  'conflict',
  'message',
  'publication',
];

export const copyPath = (path: string): string => `${path}.copy`;

/** [S13] Brings a good copy beside the file; the one before it stays until the new one is complete. */
export function writeCopy(db: Database.Database, path: string): void {
  const unfinished = `${copyPath(path)}.new`;
  rmSync(unfinished, { force: true });
  try {
    const empty = new Database(unfinished);
    migrate(empty, unfinished);
    empty.close();
    db.prepare('ATTACH ? AS copy').run(unfinished);
    try {
      db.transaction(() => {
        for (const table of COPIED_TABLES) db.exec(`INSERT INTO copy.${table} SELECT * FROM main.${table}`);
      })();
    } finally {
      db.exec('DETACH copy');
    }
    renameSync(unfinished, copyPath(path));
  } finally {
    rmSync(unfinished, { force: true });
  }
}
