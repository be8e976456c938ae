import { isDeepStrictEqual } from 'node:util';
import type { Close } from '../lib/disposables.ts';
import type { KubeObject } from './resources.ts';

export type CacheChange<T> =
  | { kind: 'added' | 'deleted'; object: T; previous?: undefined }
  | { kind: 'updated'; object: T; previous: T };

/** Where an object stands in an index; undefined where it does not. */
export type IndexKey<T> = (object: T) => string | undefined;

export interface ObjectCacheOptions<T> {
  nodeOf?: IndexKey<T>;
  /** `<namespace>/<name>` of the DeviceModel. */
  modelOf?: IndexKey<T>;
  /** `<kind>/<namespace>/<name>` of the object that it is about. */
  involvedOf?: IndexKey<T>;
}

/**
 * All objects of one kind, as an informer last heard of them. What it hands out is shared: read it, never change it.
 * Memory is that of the parsed objects without `metadata.managedFields`, and at most six references to each.
 * Listeners are called after the cache has changed, in the order of the changes; they must not throw.
 */
export class ObjectCache<T extends KubeObject> {
  readonly #byUid = new Map<string, T>();
  readonly #byName = new Map<string, T>();
  readonly #namespaces = new Index<T>((object) => object.metadata.namespace ?? '');
  readonly #nodes: Index<T>;
  readonly #models: Index<T>;
  readonly #involved: Index<T>;
  readonly #indexes: ReadonlyArray<Index<T>>;
  readonly #listeners = new Set<(change: CacheChange<T>) => void>();
  readonly #firstList = Promise.withResolvers<void>();
  #synced = false;

  constructor({ nodeOf = nowhere, modelOf = nowhere, involvedOf = nowhere }: ObjectCacheOptions<T> = {}) {
    this.#nodes = new Index(nodeOf);
    this.#models = new Index(modelOf);
    this.#involved = new Index(involvedOf);
    this.#indexes = [this.#namespaces, this.#nodes, this.#models, this.#involved];
  }

  /** Whether one whole list has been taken in. It stays so while the API server is away: what is known is still served. */
  get synced(): boolean {
    return this.#synced;
  }

  /** Resolves when `synced` turns true. */
  get whenSynced(): Promise<void> {
    return this.#firstList.promise;
  }

  get size(): number {
    return this.#byUid.size;
  }

  /** `namespace` is empty for kinds without one. */
  get(namespace: string, name: string): T | undefined {
    return this.#byName.get(nameKey(namespace, name));
  }

  byUid(uid: string): T | undefined {
    return this.#byUid.get(uid);
  }

  list(): Iterable<T> {
    return this.#byUid.values();
  }

  /** Those that hold objects, each once; '' for kinds without one. */
  namespaces(): Iterable<string> {
    return this.#namespaces.keys();
  }

  byNamespace(namespace: string): Iterable<T> {
    return this.#namespaces.get(namespace);
  }

  byNode(nodeName: string): Iterable<T> {
    return this.#nodes.get(nodeName);
  }

  byModel(namespace: string, name: string): Iterable<T> {
    return this.#models.get(nameKey(namespace, name));
  }

  byInvolved(kind: string, namespace: string, name: string): Iterable<T> {
    return this.#involved.get(`${kind}/${nameKey(namespace, name)}`);
  }

  onChange(listener: (change: CacheChange<T>) => void): Close {
    // A wrapper, so that the same function may listen twice and each close ends its own.
    const own = (change: CacheChange<T>) => listener(change);
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  /** Takes an object in. Another uid under the same name is a deletion and a new object. */
  put(object: T): void {
    const { uid, namespace, name, resourceVersion } = object.metadata;
    const named = this.get(namespace ?? '', name);
    if (named && named.metadata.uid !== uid) this.remove(named.metadata.uid!);
    const previous = this.#byUid.get(uid!);
    if (previous) {
      // The same version again: a watch that was resumed. The content counts all the same: a restored etcd counts its
      // versions anew.
      if (previous.metadata.resourceVersion === resourceVersion && isDeepStrictEqual(previous, object))
        return;
      this.#unlink(previous);
    }
    this.#byUid.set(uid!, object);
    this.#byName.set(nameKey(namespace ?? '', name), object);
    for (const index of this.#indexes) index.add(object);
    this.#emit(previous ? { kind: 'updated', object, previous } : { kind: 'added', object });
  }

  remove(uid: string): void {
    const object = this.#byUid.get(uid);
    if (!object) return;
    this.#unlink(object);
    this.#emit({ kind: 'deleted', object });
  }

  /** Takes in a list page by page; `end` deletes what no page named. */
  beginList(): { page(objects: T[]): void; end(): void } {
    const seen = new Set<string>();
    return {
      page: (objects) => {
        for (const object of objects) {
          seen.add(object.metadata.uid!);
          this.put(object);
        }
      },
      end: () => {
        for (const uid of [...this.#byUid.keys()]) if (!seen.has(uid)) this.remove(uid);
        this.#synced = true;
        this.#firstList.resolve();
      },
    };
  }

  #unlink(object: T): void {
    this.#byUid.delete(object.metadata.uid!);
    this.#byName.delete(nameKey(object.metadata.namespace ?? '', object.metadata.name));
    for (const index of this.#indexes) index.delete(object);
  }

  #emit(change: CacheChange<T>): void {
    for (const listener of this.#listeners) listener(change);
  }
}

class Index<T> {
  readonly #keyOf: IndexKey<T>;
  readonly #sets = new Map<string, Set<T>>();

  constructor(keyOf: IndexKey<T>) {
    this.#keyOf = keyOf;
  }

  keys(): Iterable<string> {
    return this.#sets.keys();
  }

  get(key: string): Iterable<T> {
    return this.#sets.get(key) ?? [];
  }

  add(object: T): void {
    const key = this.#keyOf(object);
    if (key === undefined) return;
    const set = this.#sets.get(key);
    if (set) set.add(object);
    else this.#sets.set(key, new Set([object]));
  }

  delete(object: T): void {
    const key = this.#keyOf(object);
    const set = key === undefined ? undefined : this.#sets.get(key);
    if (!set?.delete(object)) return;
    // Empty sets go, or names that come and go would pile up.
    if (set.size === 0) this.#sets.delete(key!);
  }
}

const nowhere = () => undefined;

const nameKey = (namespace: string, name: string) => `${namespace}/${name}`;
