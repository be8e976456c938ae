import type { MapperHost } from '../mappers/host.ts';
import type { EdgeStore } from '../store/contract.ts';
import type { DeviceObject } from '../twin/device-object.ts';
import { deviceIdsOf, type NodeObject, type ObjectRef } from '../twin/node-object.ts';
import { hostDevice } from './device-link.ts';
import type { MetadataCache } from './metadata-cache.ts';
import type { TwinRegistry } from './twin-registry.ts';

export interface ObjectIntakeOptions {
  store: Pick<EdgeStore, 'putObjects'>;
  registry: TwinRegistry;
  metadata: MetadataCache;
  host: Pick<MapperHost, 'setDevices'>;
  /** Hears which devices are new or other ones, and what is gone, before they run: they say at once how they are. */
  tell?(devices: readonly DeviceObject[], gone: readonly ObjectRef[]): void;
}

/**
 * Takes the Kubernetes objects of this node. What a change touches is made anew; with ten thousand devices beside it, it costs no more.
 */
export class ObjectIntake {
  readonly #options: ObjectIntakeOptions;

  constructor(options: ObjectIntakeOptions) {
    this.#options = options;
  }

  /** Begins with what the store had. */
  begin(): void {
    this.#adopt([...this.#options.metadata.devices()], []);
  }

  /** Takes a delta; or a complete set, in which what is missing is gone. */
  take(complete: boolean, upsert: readonly NodeObject[], remove: readonly ObjectRef[]): void {
    const { store, metadata } = this.#options;
    const change = metadata.apply(complete, upsert, remove);
    store.putObjects(change.upsert, change.remove);
    this.#adopt(change.devices, change.remove);
  }

  #adopt(devices: readonly DeviceObject[], gone: readonly ObjectRef[]): void {
    const { registry, metadata, host, tell } = this.#options;
    const goneDevices = deviceIdsOf(gone);
    for (const id of goneDevices) registry.removeDevice(id);
    for (const device of devices) registry.setDevice(device, metadata.modelOf(device));
    tell?.(devices, gone);
    const running = devices.map((device) => hostDevice(device, metadata.modelOf(device), registry));
    host.setDevices(running, goneDevices);
  }
}
