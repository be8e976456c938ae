import type { Database } from 'better-sqlite3';
import { OctographError } from '../lib/errors.ts';

/** Forward only: a released step is never edited, a new one is appended. The index is the version that it leads to. */
const MIGRATIONS: string[] = [
  `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE object (kind TEXT, namespace TEXT, name TEXT, json TEXT NOT NULL,
    PRIMARY KEY (kind, namespace, name)) WITHOUT ROWID;
  CREATE TABLE twin (device TEXT, property TEXT, seq INTEGER NOT NULL, json TEXT NOT NULL,
    PRIMARY KEY (device, property)) WITHOUT ROWID;
  CREATE TABLE device_state (device TEXT PRIMARY KEY, json TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE proposal (change TEXT, property TEXT, json TEXT NOT NULL, PRIMARY KEY (change, property)) WITHOUT ROWID;
  CREATE TABLE outbox (seq INTEGER PRIMARY KEY, device TEXT NOT NULL, property TEXT NOT NULL, at INTEGER NOT NULL,
    json TEXT NOT NULL);
  `,
];

/**
 * [S8] Brings the file to this version.
 * @throws OctographError `STORE_TOO_NEW` when a newer Octograph wrote it: going back could lose what it stored.
 */
export function migrate(db: Database, path: string): void {
  const version = db.pragma('user_version', { simple: true }) as number;
  if (version > MIGRATIONS.length) {
    throw new OctographError(
      'STORE_TOO_NEW',
      `${path} has store version ${version}; this Octograph knows up to ${MIGRATIONS.length}: start the newer one`,
    );
  }
  db.transaction(() => {
    for (let step = version; step < MIGRATIONS.length; step++) db.exec(MIGRATIONS[step] as string);
    db.pragma(`user_version = ${MIGRATIONS.length}`);
  })();
}
