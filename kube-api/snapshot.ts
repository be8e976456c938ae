import type Database from 'better-sqlite3';
import type { KubeObject } from './kube-object.ts';
import type { ObjectEvent } from './watch-log.ts';

/** Sorts as SQLite sorts (namespace, name): no name contains a character below the separator. */
export const sortKey = ({ metadata }: KubeObject): string => `${metadata.namespace ?? ''}\0${metadata.name}`;

export interface SnapshotOptions {
  resource: string;
  /** Undefined: of all namespaces. */
  namespace: string | undefined;
  /** What has changed since the version that is to be shown, oldest first. */
  changed: readonly ObjectEvent[];
}

const SELECTED = 'resource = ? AND namespace BETWEEN ? AND ? AND (namespace, name) > (?, ?)';
/** Above every name of a namespace. */
const LAST_NAMESPACE = '~';

/**
 * The objects of one kind as they were at some version, read as far as they are wanted: a page costs what it holds. To be used
 * up before anything else is done with the database.
 */
export class Snapshot {
  readonly #select: Database.Statement;
  readonly #count: Database.Statement;
  readonly #bounds: [resource: string, first: string, last: string];
  /** What changed objects were then, and undefined for those that were not there. */
  readonly #then = new Map<string, KubeObject | undefined>();
  readonly #existsNow = new Map<string, boolean>();

  constructor(database: Database.Database, { resource, namespace, changed }: SnapshotOptions) {
    this.#select = database
      .prepare(`SELECT body FROM objects WHERE ${SELECTED} ORDER BY namespace, name`)
      .pluck();
    this.#count = database.prepare(`SELECT count(*) FROM objects WHERE ${SELECTED}`).pluck();
    this.#bounds = [resource, namespace ?? '', namespace ?? LAST_NAMESPACE];
    for (const { type, object, previous } of changed) {
      const key = sortKey(object);
      // The oldest change found the object as it was then.
      if (!this.#then.has(key)) this.#then.set(key, previous);
      this.#existsNow.set(key, type !== 'DELETED');
    }
  }

  /** The objects behind a sort key, in order; all of them behind "". */
  *after(key: string): Generator<KubeObject> {
    const undone = [...this.#then].filter(([one]) => one > key).sort(([a], [b]) => (a < b ? -1 : 1));
    let next = 0;
    for (const body of this.#select.iterate(...this.#bounds, ...split(key)) as Iterable<string>) {
      const object = JSON.parse(body) as KubeObject;
      const here = sortKey(object);
      for (; next < undone.length && undone[next]![0] <= here; next++) {
        const [, was] = undone[next]!;
        if (was) yield was;
      }
      if (!this.#then.has(here)) yield object;
    }
    for (const [, was] of undone.slice(next)) if (was) yield was;
  }

  /** How many objects there were behind a sort key. */
  countAfter(key: string): number {
    let count = this.#count.get(...this.#bounds, ...split(key)) as number;
    for (const [one, was] of this.#then) {
      if (one > key) count += Number(was !== undefined) - Number(this.#existsNow.get(one));
    }
    return count;
  }
}

function split(key: string): [namespace: string, name: string] {
  const [namespace = '', name = ''] = key.split('\0', 2);
  return [namespace, name];
}
