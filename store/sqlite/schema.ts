import type { Database } from 'better-sqlite3';
import { OctographError } from '../../lib/errors.ts';

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
  `
  CREATE TABLE series (id INTEGER PRIMARY KEY, device TEXT NOT NULL, property TEXT NOT NULL, applied INTEGER NOT NULL);
  CREATE TABLE chunk (id INTEGER PRIMARY KEY, series INTEGER NOT NULL, from_at INTEGER NOT NULL, to_at INTEGER NOT NULL,
    held_ms INTEGER NOT NULL, count INTEGER NOT NULL, size INTEGER NOT NULL, bytes BLOB NOT NULL);
  CREATE INDEX chunk_range ON chunk (series, to_at, from_at, size);
  CREATE INDEX chunk_age ON chunk (to_at);
  CREATE TABLE journal (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
  `,
  // History from before readings bore a checksum could not be told from a broken one.
  `
  DELETE FROM chunk;
  DELETE FROM journal;
  CREATE TABLE change (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, principal TEXT NOT NULL, idempotency_key TEXT,
    json TEXT NOT NULL);
  CREATE INDEX change_key ON change (principal, idempotency_key) WHERE idempotency_key IS NOT NULL;
  CREATE TABLE conflict (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, device TEXT NOT NULL, is_open INTEGER NOT NULL,
    json TEXT NOT NULL);
  CREATE INDEX conflict_device ON conflict (device, n);
  `,
  `
  CREATE TABLE message (seq INTEGER PRIMARY KEY, box TEXT NOT NULL, bytes INTEGER NOT NULL, json TEXT NOT NULL);
  CREATE INDEX message_box ON message (box, seq, bytes);
  CREATE TABLE publication (n INTEGER PRIMARY KEY, principal TEXT NOT NULL, idempotency_key TEXT NOT NULL,
    json TEXT NOT NULL, UNIQUE (principal, idempotency_key));
  `,
  // A device's series are read when they are needed, and not all of them at the start.
  'CREATE INDEX series_device ON series (device);',
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
  if (version === MIGRATIONS.length) return;
  db.transaction(() => {
    for (let step = version; step < MIGRATIONS.length; step++) db.exec(MIGRATIONS[step] as string);
    db.pragma(`user_version = ${MIGRATIONS.length}`);
  })();
}
