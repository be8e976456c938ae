import type { Clock } from '../lib/clock.ts';
import { type Closable, type Close, Disposables } from '../lib/disposables.ts';
import { codeOf } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import type { KubeConfigMap, KubePod } from '../twin/cluster-object.ts';
import { idOf } from '../twin/device-object.ts';
import type { KubeClient } from './client.ts';
import type { CacheChange, ObjectCache } from './object-cache.ts';
import { configMapsOf } from './pod-config-maps.ts';
import { type Reconciler, startReconciler } from './reconciler.ts';
import { CONFIG_MAPS, objectPath } from './resources.ts';

export interface ConfigMapKeeperOptions {
  client: KubeClient;
  pods: ObjectCache<KubePod>;
  /** What the informer of config maps fills, through `keep`. */
  cache: ObjectCache<KubeConfigMap>;
  clock: Clock;
  /** 0 ≤ random() < 1 */
  random: () => number;
  logger: Logger;
}

/**
 * Config maps with their content, of those only that a bound pod names; of all others the metadata is held, so that the
 * informer can tell when they go. What a new pod names is read once, and followed from there.
 */
export class ConfigMapKeeper implements Closable {
  readonly #options: ConfigMapKeeperOptions;
  readonly #open = new Disposables();
  readonly #reader: Reconciler;
  /** How many bound pods name it. */
  readonly #named = new Map<string, number>();
  readonly #trimmed = new WeakSet<KubeConfigMap>();

  constructor(options: ConfigMapKeeperOptions) {
    this.#options = options;
    const { pods, cache, clock, random, logger } = options;
    this.#reader = this.#open.use(
      startReconciler({
        what: 'read config maps',
        reconcile: (id, signal) => this.#read(id, signal),
        after: pods.whenSynced,
        clock,
        random,
        logger,
      }),
    );
    this.#open.add(pods.onChange((change) => this.#count(change)));
    // Until all pods are known, everything is kept: read once too much is dearer than held for a moment.
    void pods.whenSynced.then(() => {
      for (const object of [...cache.list()]) {
        if (!this.#named.has(idOf(object))) cache.put(this.#trim(object));
      }
    });
  }

  /** Whether every config map that a bound pod names is held with its content, of a first list of both. */
  get synced(): boolean {
    return this.#options.pods.synced && this.#options.cache.synced;
  }

  /** The config map with its content; undefined where there is none, or no bound pod names it. */
  get(namespace: string, name: string): KubeConfigMap | undefined {
    const object = this.#options.cache.get(namespace, name);
    return object && !this.#trimmed.has(object) ? object : undefined;
  }

  /** Changes of those that `get` gives, or gave. */
  onChange(listener: (change: CacheChange<KubeConfigMap>) => void): Close {
    const isNews = (object: KubeConfigMap | undefined) => object !== undefined && !this.#trimmed.has(object);
    return this.#options.cache.onChange((change) => {
      if (isNews(change.object) || isNews(change.previous)) listener(change);
    });
  }

  /** What the informer puts into the cache of an object that it was sent. */
  keep(object: KubeConfigMap): KubeConfigMap {
    if (this.#options.pods.synced && !this.#named.has(idOf(object))) return this.#trim(object);
    const { apiVersion, kind, metadata, data, binaryData, immutable } = object;
    return { apiVersion, kind, metadata, data, binaryData, immutable };
  }

  close(): Promise<void> {
    return this.#open.close();
  }

  #count({ kind, object, previous }: CacheChange<KubePod>): void {
    const before = namedBy(kind === 'deleted' ? object : previous);
    const after = namedBy(kind === 'deleted' ? undefined : object);
    for (const id of after) if (!before.has(id)) this.#add(id);
    for (const id of before) if (!after.has(id)) this.#drop(id);
  }

  #add(id: string): void {
    const count = this.#named.get(id) ?? 0;
    this.#named.set(id, count + 1);
    const held = count === 0 && this.#held(id);
    if (held && this.#trimmed.has(held)) this.#reader.enqueue(id);
  }

  #drop(id: string): void {
    const count = this.#named.get(id) ?? 0;
    if (count > 1) {
      this.#named.set(id, count - 1);
      return;
    }
    this.#named.delete(id);
    const held = this.#held(id);
    if (held && this.#options.pods.synced) this.#options.cache.put(this.#trim(held));
  }

  async #read(id: string, signal: AbortSignal): Promise<void> {
    const [namespace, name] = id.split('/') as [string, string];
    if (!this.#isLacking(id)) return;
    try {
      const path = objectPath(CONFIG_MAPS, { namespace, name });
      const object = await this.#options.client.get<KubeConfigMap>(path, signal);
      // It may have gone meanwhile, or have come by the watch: what is put here must be there, and lack its content.
      const held = this.#isLacking(id);
      if (held?.metadata.uid !== object.metadata.uid) return;
      delete (object.metadata as { managedFields?: unknown }).managedFields;
      this.#options.cache.put(this.keep({ ...object, apiVersion: 'v1', kind: 'ConfigMap' }));
    } catch (error) {
      if (codeOf(error) !== 'KUBERNETES_NOT_FOUND') throw error;
    }
  }

  #isLacking(id: string): KubeConfigMap | undefined {
    const held = this.#named.has(id) ? this.#held(id) : undefined;
    return held && this.#trimmed.has(held) ? held : undefined;
  }

  #held(id: string): KubeConfigMap | undefined {
    const [namespace, name] = id.split('/') as [string, string];
    return this.#options.cache.get(namespace, name);
  }

  #trim({ metadata }: KubeConfigMap): KubeConfigMap {
    const { uid, name, namespace, resourceVersion } = metadata;
    const trimmed: KubeConfigMap = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { uid, name, namespace, resourceVersion },
    };
    this.#trimmed.add(trimmed);
    return trimmed;
  }
}

const NONE: ReadonlySet<string> = new Set();

const namedBy = (pod: KubePod | undefined) => (pod?.spec.nodeName ? configMapsOf(pod) : NONE);
