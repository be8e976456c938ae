import { chmodSync } from 'node:fs';
import Database from 'better-sqlite3';
import type { Close } from '../lib/disposables.ts';
import { codeOf, OctographError } from '../lib/errors.ts';
import type { KubeObject } from './kube-object.ts';
import { Snapshot } from './snapshot.ts';
import { type ObjectEvent, WatchLog } from './watch-log.ts';

export interface ObjectStoreOptions {
  /** The SQLite file; made if absent, mode 0600. */
  file: string;
  /** Changes kept for watches to resume from. */
  windowEvents: number;
}

export interface ObjectName {
  resource: string;
  /** "" for cluster-scoped objects. */
  namespace: string;
  name: string;
}

/** `resource_version` of a new store; 0 means "any" in requests and is never given out. */
const FIRST_RESOURCE_VERSION = 1;

/**
 * All objects in one SQLite file, with one resource version counter and the log of changes. Every write is durable
 * (WAL, synchronous=FULL) before it returns. Calls are synchronous, so a handler that reads, decides and writes is atomic.
 */
export class ObjectStore {
  readonly #database: Database.Database;
  readonly #log: WatchLog;
  readonly #statements: ReturnType<typeof prepareStatements>;
  readonly #listeners = new Set<(event: ObjectEvent) => void>();
  readonly #undelivered: ObjectEvent[] = [];
  #delivering = false;
  #resourceVersion: number;

  constructor({ file, windowEvents }: ObjectStoreOptions) {
    this.#database = openDatabase(file);
    this.#database.exec(`
      CREATE TABLE IF NOT EXISTS objects (
        resource TEXT NOT NULL,
        namespace TEXT NOT NULL,
        name TEXT NOT NULL,
        uid TEXT NOT NULL UNIQUE,
        body TEXT NOT NULL,
        PRIMARY KEY (resource, namespace, name)
      ) STRICT;
      CREATE TABLE IF NOT EXISTS owners (
        owner_uid TEXT NOT NULL,
        dependent_uid TEXT NOT NULL,
        PRIMARY KEY (owner_uid, dependent_uid)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX IF NOT EXISTS owners_by_dependent ON owners (dependent_uid);
      CREATE TABLE IF NOT EXISTS counter (resource_version INTEGER NOT NULL) STRICT;
      INSERT INTO counter SELECT ${FIRST_RESOURCE_VERSION} WHERE NOT EXISTS (SELECT 1 FROM counter);`);
    this.#log = new WatchLog(this.#database, windowEvents);
    this.#statements = prepareStatements(this.#database);
    this.#resourceVersion = this.#statements.readCounter.get() as number;
  }

  /** Of the newest change of any object. */
  get resourceVersion(): number {
    return this.#resourceVersion;
  }

  get({ resource, namespace, name }: ObjectName): KubeObject | undefined {
    const body = this.#statements.get.get(resource, namespace, name) as string | undefined;
    return body === undefined ? undefined : (JSON.parse(body) as KubeObject);
  }

  /** Objects of one kind, in the order of namespace and name; of one namespace, or of all when it is undefined. */
  list(resource: string, namespace?: string): KubeObject[] {
    const bodies =
      namespace === undefined
        ? this.#statements.list.all(resource)
        : this.#statements.listNamespace.all(resource, namespace);
    return (bodies as string[]).map((body) => JSON.parse(body) as KubeObject);
  }

  /** One kind as it was at `resourceVersion`; `undefined` when that is older than the log reaches. */
  snapshotAt(resourceVersion: number, resource: string, namespace?: string): Snapshot | undefined {
    const events = this.#log.since(resourceVersion, resource);
    if (!events) return undefined;
    const changed = events.filter(
      ({ object }) => namespace === undefined || object.metadata.namespace === namespace,
    );
    return new Snapshot(this.#database, { resource, namespace, changed });
  }

  /** Creates or replaces an object, and gives it the next resource version. */
  put(resource: string, object: KubeObject): KubeObject {
    const previous = this.get(nameOf(resource, object));
    const stored = this.#stamped(object);
    this.#commit({
      type: previous ? 'MODIFIED' : 'ADDED',
      resource,
      resourceVersion: this.#resourceVersion + 1,
      object: stored,
      previous,
    });
    return stored;
  }

  delete(resource: string, object: KubeObject): KubeObject {
    const previous = this.get(nameOf(resource, object));
    if (!previous) throw new Error(`${resource} ${object.metadata.name} is not in the store`);
    const last = this.#stamped(previous);
    this.#commit({
      type: 'DELETED',
      resource,
      resourceVersion: this.#resourceVersion + 1,
      object: last,
      previous,
    });
    return last;
  }

  /** Objects that name `ownerUid` among their owners, with their kinds. */
  dependentsOf(ownerUid: string): Array<{ resource: string; object: KubeObject }> {
    const rows = this.#statements.dependents.all(ownerUid) as Array<{ resource: string; body: string }>;
    return rows.map(({ resource, body }) => ({ resource, object: JSON.parse(body) as KubeObject }));
  }

  ownerUids(): string[] {
    return this.#statements.ownerUids.all() as string[];
  }

  hasUid(uid: string): boolean {
    return this.#statements.hasUid.get(uid) !== undefined;
  }

  /** Events of one kind after `resourceVersion`, or `undefined` when the log no longer reaches that far. */
  eventsSince(resourceVersion: number, resource: string): ObjectEvent[] | undefined {
    return this.#log.since(resourceVersion, resource);
  }

  oldestAnswerable(): number {
    return this.#log.oldestAnswerable();
  }

  /** Calls `listener` with every change, durable already, in order. A listener may write: its events come after. */
  onEvent(listener: (event: ObjectEvent) => void): Close {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#listeners.clear();
    this.#database.close();
  }

  #stamped(object: KubeObject): KubeObject {
    return {
      ...object,
      metadata: { ...object.metadata, resourceVersion: String(this.#resourceVersion + 1) },
    };
  }

  #commit(event: ObjectEvent): void {
    const { resource, object, type, resourceVersion } = event;
    const { namespace = '', name, uid = '' } = object.metadata;
    const statements = this.#statements;
    this.#database.transaction(() => {
      statements.forgetOwners.run(uid);
      if (type === 'DELETED') statements.delete.run(resource, namespace, name);
      else {
        statements.put.run(resource, namespace, name, uid, JSON.stringify(object));
        for (const owner of object.metadata.ownerReferences ?? []) statements.addOwner.run(owner.uid, uid);
      }
      statements.writeCounter.run(resourceVersion);
      this.#log.append(event);
    })();
    this.#resourceVersion = resourceVersion;
    this.#deliver(event);
  }

  #deliver(event: ObjectEvent): void {
    this.#undelivered.push(event);
    if (this.#delivering) return;
    this.#delivering = true;
    try {
      for (let next = this.#undelivered.shift(); next; next = this.#undelivered.shift()) {
        for (const listener of this.#listeners) listener(next);
      }
    } finally {
      this.#delivering = false;
    }
  }
}

/** Opens the file for this process alone: two counters of resource versions over one file would contradict each other. */
function openDatabase(file: string): Database.Database {
  const database = new Database(file, { timeout: 0 });
  try {
    // It holds Secrets.
    chmodSync(file, 0o600);
    database.pragma('locking_mode = EXCLUSIVE');
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    return database;
  } catch (error) {
    database.close();
    if (!codeOf(error)?.startsWith('SQLITE_BUSY')) throw error;
    throw new OctographError('STATE_IN_USE', `${file} is in use by another process`, { cause: error });
  }
}

const nameOf = (resource: string, { metadata }: KubeObject): ObjectName => ({
  resource,
  namespace: metadata.namespace ?? '',
  name: metadata.name,
});

function prepareStatements(database: Database.Database) {
  return {
    readCounter: database.prepare('SELECT resource_version FROM counter').pluck(),
    writeCounter: database.prepare('UPDATE counter SET resource_version = ?'),
    get: database
      .prepare('SELECT body FROM objects WHERE resource = ? AND namespace = ? AND name = ?')
      .pluck(),
    list: database.prepare('SELECT body FROM objects WHERE resource = ? ORDER BY namespace, name').pluck(),
    listNamespace: database
      .prepare('SELECT body FROM objects WHERE resource = ? AND namespace = ? ORDER BY name')
      .pluck(),
    put: database.prepare(
      `INSERT INTO objects VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (resource, namespace, name) DO UPDATE SET uid = excluded.uid, body = excluded.body`,
    ),
    delete: database.prepare('DELETE FROM objects WHERE resource = ? AND namespace = ? AND name = ?'),
    forgetOwners: database.prepare('DELETE FROM owners WHERE dependent_uid = ?'),
    addOwner: database.prepare('INSERT OR IGNORE INTO owners VALUES (?, ?)'),
    dependents: database.prepare(
      `SELECT resource, body FROM objects JOIN owners ON uid = dependent_uid WHERE owner_uid = ?
       ORDER BY resource, namespace, name`,
    ),
    ownerUids: database.prepare('SELECT DISTINCT owner_uid FROM owners').pluck(),
    hasUid: database.prepare('SELECT 1 FROM objects WHERE uid = ?').pluck(),
  };
}
