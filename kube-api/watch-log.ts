import type Database from 'better-sqlite3';
import type { KubeObject } from './kube-object.ts';

/** One change of one object, in the order of resource versions. */
export interface ObjectEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** The store's name of the kind: `devices.devices.kubeedge.io`. */
  readonly resource: string;
  readonly resourceVersion: number;
  /** After the change; of a deletion the last state, under the deletion's resource version. */
  readonly object: KubeObject;
  /** Before the change; absent for ADDED. */
  readonly previous?: KubeObject;
}

interface Row {
  resource_version: number;
  type: ObjectEvent['type'];
  resource: string;
  object: string;
  previous: string | null;
}

// Trimming at every write would double its cost.
const MAX_TRIM_EVERY = 256;

/**
 * The newest changes, on disk, so that a watch resumes where it was, also over a restart of the server.
 * Holds at least `windowEvents` and at most 256 more; what is older is gone, and who asks for it must list again.
 */
export class WatchLog {
  readonly #windowEvents: number;
  readonly #trimEvery: number;
  readonly #insert: Database.Statement;
  readonly #since: Database.Statement;
  readonly #trim: Database.Statement;
  readonly #oldest: Database.Statement;

  constructor(database: Database.Database, windowEvents: number) {
    this.#windowEvents = windowEvents;
    this.#trimEvery = Math.min(MAX_TRIM_EVERY, windowEvents);
    database.exec(`
      CREATE TABLE IF NOT EXISTS watch_log (
        resource_version INTEGER PRIMARY KEY,
        type TEXT NOT NULL,
        resource TEXT NOT NULL,
        object TEXT NOT NULL,
        previous TEXT
      ) STRICT`);
    this.#insert = database.prepare('INSERT INTO watch_log VALUES (?, ?, ?, ?, ?)');
    this.#since = database.prepare(
      'SELECT * FROM watch_log WHERE resource_version > ? AND resource = ? ORDER BY resource_version',
    );
    this.#trim = database.prepare('DELETE FROM watch_log WHERE resource_version <= ?');
    this.#oldest = database.prepare('SELECT min(resource_version) FROM watch_log').pluck();
  }

  /** To be called in the transaction that writes the object. */
  append(event: ObjectEvent): void {
    const { resourceVersion, type, resource, object, previous } = event;
    this.#insert.run(
      resourceVersion,
      type,
      resource,
      JSON.stringify(object),
      previous ? JSON.stringify(previous) : null,
    );
    if (resourceVersion % this.#trimEvery === 0) this.#trim.run(resourceVersion - this.#windowEvents);
  }

  /** Events after `resourceVersion`, oldest first, or `undefined` when some of them are no longer held. */
  since(resourceVersion: number, resource: string): ObjectEvent[] | undefined {
    if (resourceVersion < this.oldestAnswerable()) return undefined;
    const rows = this.#since.all(resourceVersion, resource) as Row[];
    return rows.map((row) => ({
      type: row.type,
      resource: row.resource,
      resourceVersion: row.resource_version,
      object: JSON.parse(row.object) as KubeObject,
      ...(row.previous ? { previous: JSON.parse(row.previous) as KubeObject } : {}),
    }));
  }

  /** The smallest resource version whose later events are all held. */
  oldestAnswerable(): number {
    // Every resource version is one event, so the log has no holes.
    const oldest = this.#oldest.get() as number | null;
    return oldest === null ? 0 : oldest - 1;
  }
}
