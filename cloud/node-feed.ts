import type { Cluster } from '../kubernetes/cluster.ts';
import { configMapsOf } from '../kubernetes/pod-config-maps.ts';
import type { Clock } from '../lib/clock.ts';
import type { Close } from '../lib/disposables.ts';
import type { NodeSession } from '../tunnel/contract.ts';
import { type NodeObject, type ObjectRef, refKey, refOf } from '../twin/node-object.ts';

/** Milliseconds that a change waits for others before it goes down. */
const GATHER_MS = 2;

/** Characters of config map content in one message, above one of 1 MiB: a message may have 16 MiB, and JSON escapes. */
const PART_LENGTH = 4 * 1024 * 1024;

interface Sent {
  ref: ObjectRef;
  object: NodeObject;
}

/**
 * Keeps one connected node's metadata cache equal to what the informers hold of it: its Node, its pods and the config
 * maps that they name, its devices and their models. Level-based: after any change the wanted set is compared with the one that was sent.
 */
export class NodeFeed {
  readonly #cluster: Cluster;
  readonly #session: NodeSession;
  readonly #clock: Clock;
  readonly #unlisten: Close[];
  #sent = new Map<string, Sent>();
  #cancelTimer: Close | undefined;

  constructor(cluster: Cluster, session: NodeSession, clock: Clock) {
    this.#cluster = cluster;
    this.#session = session;
    this.#clock = clock;
    const { nodes, pods, configMaps, devices, deviceModels } = cluster;
    const schedule = () => this.#schedule();
    this.#unlisten = [nodes, pods, configMaps, devices, deviceModels].map((cache) =>
      cache.onChange(schedule),
    );
    this.#send(true);
  }

  close(): void {
    for (const unlisten of this.#unlisten) unlisten();
    this.#cancelTimer?.();
  }

  #schedule(): void {
    this.#cancelTimer ??= this.#clock.setTimer(GATHER_MS, () => {
      this.#cancelTimer = undefined;
      this.#send(false);
    });
  }

  #send(complete: boolean): void {
    const wanted = new Map<string, Sent>();
    for (const object of this.#wanted()) {
      const ref = refOf(object);
      wanted.set(refKey(ref), { ref, object });
    }
    // The caches replace an object when it changes: the same one is the same content.
    const upsert = [...wanted].filter(([key, { object }]) => this.#sent.get(key)?.object !== object);
    const remove = [...this.#sent].filter(([key]) => !wanted.has(key));
    this.#sent = wanted;
    if (!complete && upsert.length === 0 && remove.length === 0) return;
    const [first = [], ...rest] = partsOf(upsert.map(([, { object }]) => object));
    this.#session.send({
      type: 'objects',
      complete,
      upsert: first,
      remove: remove.map(([, { ref }]) => ref),
    });
    for (const part of rest)
      this.#session.send({ type: 'objects', complete: false, upsert: part, remove: [] });
  }

  *#wanted(): Iterable<NodeObject> {
    const { nodes, pods, configMaps, devices, deviceModels } = this.#cluster;
    const { nodeName } = this.#session;
    const node = nodes.get('', nodeName);
    if (node) yield node;
    const named = new Set<string>();
    for (const pod of pods.byNode(nodeName)) {
      yield pod;
      for (const key of configMapsOf(pod)) named.add(key);
    }
    for (const key of named) {
      const [namespace, name] = key.split('/') as [string, string];
      const configMap = configMaps.get(namespace, name);
      if (configMap) yield configMap;
    }
    const models = new Set<string>();
    for (const device of devices.byNode(nodeName)) {
      yield device;
      const name = device.spec.deviceModelRef?.name;
      if (name) models.add(`${device.metadata.namespace ?? 'default'}/${name}`);
    }
    for (const key of models) {
      const [namespace, name] = key.split('/') as [string, string];
      const model = deviceModels.get(namespace, name);
      if (model) yield model;
    }
  }
}

function partsOf(objects: readonly NodeObject[]): NodeObject[][] {
  const parts: NodeObject[][] = [[]];
  let length = 0;
  for (const object of objects) {
    const own = contentLength(object);
    if (length > 0 && length + own > PART_LENGTH) {
      parts.push([]);
      length = 0;
    }
    length += own;
    parts.at(-1)?.push(object);
  }
  return parts;
}

function contentLength(object: NodeObject): number {
  if (object.kind !== 'ConfigMap') return 0;
  const texts = [...Object.values(object.data ?? {}), ...Object.values(object.binaryData ?? {})];
  return texts.reduce((sum, { length }) => sum + length, 0);
}
