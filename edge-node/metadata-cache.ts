import type { NamespacedKind, ObjectReader } from '../resolvers/context.ts';
import type { KubeConfigMap, KubeNode, KubePod } from '../twin/cluster-object.ts';
import { type DeviceModelObject, type DeviceObject, deviceId, idOf, splitId } from '../twin/device-object.ts';
import { type NodeObject, type ObjectRef, refKey, refOf } from '../twin/node-object.ts';

/** What a delta or a complete set did to the cache. */
export interface MetadataChange {
  upsert: NodeObject[];
  remove: ObjectRef[];
  /** Those that are new or other ones, themselves or because their model is. */
  devices: DeviceObject[];
}

/**
 * The Kubernetes objects of this node: itself, its pods with their config maps, its devices and their models. Filled from the store at start, so
 * that a node without a link serves them at once, and from the tunnel after.
 */
export class MetadataCache implements ObjectReader {
  readonly #nodes = new Map<string, KubeNode>();
  readonly #pods = new Map<string, KubePod>();
  readonly #configMaps = new Map<string, KubeConfigMap>();
  readonly #devices = new Map<string, DeviceObject>();
  readonly #models = new Map<string, DeviceModelObject>();
  readonly #keys = new Map<string, ObjectRef>();

  constructor(objects: readonly NodeObject[]) {
    for (const object of objects) this.#put(object);
  }

  /** Takes a delta; or a complete set, in which what is missing is gone. */
  apply(complete: boolean, upsert: readonly NodeObject[], remove: readonly ObjectRef[]): MetadataChange {
    const gone = complete ? this.#missingIn(upsert) : remove.filter((ref) => this.#keys.has(refKey(ref)));
    for (const ref of gone) this.#remove(ref);
    for (const object of upsert) this.#put(object);
    const changed = complete ? this.devices() : this.#touchedBy(upsert, gone);
    return { upsert: [...upsert], remove: gone, devices: [...changed] };
  }

  node = (name: string) => this.#nodes.get(name);
  nodes = () => this.#nodes.values();
  pod = (namespace: string, name: string) => this.#pods.get(deviceId(namespace, name));
  pods = () => this.#pods.values();
  /** Those that its pods name. */
  configMap = (namespace: string, name: string) => this.#configMaps.get(deviceId(namespace, name));
  configMaps = () => this.#configMaps.values();
  device = (namespace: string, name: string) => this.#devices.get(deviceId(namespace, name));
  devices = () => this.#devices.values();
  deviceModel = (namespace: string, name: string) => this.#models.get(deviceId(namespace, name));
  deviceModels = () => this.#models.values();
  hasNode = (name: string) => this.#nodes.has(name);

  namespaces(kind: NamespacedKind): Iterable<string> {
    const ids = { Pod: this.#pods, Device: this.#devices, DeviceModel: this.#models }[kind].keys();
    return new Set(Array.from(ids, (id) => splitId(id)[0]));
  }

  /** Events are the API server's: none come down. */
  events = () => [];

  modelOf(device: DeviceObject): DeviceModelObject | undefined {
    return this.#models.get(modelIdOf(device));
  }

  #touchedBy(upsert: readonly NodeObject[], gone: readonly ObjectRef[]): Set<DeviceObject> {
    const touched = new Set<DeviceObject>();
    const models = new Set<string>();
    for (const { kind, namespace, name } of [...upsert.map(refOf), ...gone]) {
      const id = deviceId(namespace || 'default', name);
      const device = kind === 'Device' && this.#devices.get(id);
      if (device) touched.add(device);
      if (kind === 'DeviceModel') models.add(id);
    }
    if (models.size === 0) return touched;
    for (const device of this.devices()) if (models.has(modelIdOf(device))) touched.add(device);
    return touched;
  }

  #missingIn(objects: readonly NodeObject[]): ObjectRef[] {
    const present = new Set(objects.map((object) => refKey(refOf(object))));
    return [...this.#keys].filter(([key]) => !present.has(key)).map(([, ref]) => ref);
  }

  #put(object: NodeObject): void {
    const ref = refOf(object);
    this.#keys.set(refKey(ref), ref);
    switch (object.kind) {
      case 'Node':
        this.#nodes.set(object.metadata.name, object);
        break;
      case 'Pod':
        this.#pods.set(idOf(object), object);
        break;
      case 'ConfigMap':
        this.#configMaps.set(idOf(object), object);
        break;
      case 'Device':
        this.#devices.set(idOf(object), object);
        break;
      case 'DeviceModel':
        this.#models.set(idOf(object), object);
        break;
    }
  }

  #remove(ref: ObjectRef): void {
    this.#keys.delete(refKey(ref));
    const id = deviceId(ref.namespace || 'default', ref.name);
    switch (ref.kind) {
      case 'Node':
        this.#nodes.delete(ref.name);
        break;
      case 'Pod':
        this.#pods.delete(id);
        break;
      case 'ConfigMap':
        this.#configMaps.delete(id);
        break;
      case 'Device':
        this.#devices.delete(id);
        break;
      case 'DeviceModel':
        this.#models.delete(id);
        break;
    }
  }
}

const modelIdOf = ({ metadata, spec }: DeviceObject): string =>
  deviceId(metadata.namespace ?? 'default', spec.deviceModelRef?.name ?? '');
