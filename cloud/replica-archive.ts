import type { ObjectCache } from '../kubernetes/object-cache.ts';
import { type Clock, every } from '../lib/clock.ts';
import type { Closable } from '../lib/disposables.ts';
import type { EdgeStore } from '../store/contract.ts';
import { type DeviceObject, splitId } from '../twin/device-object.ts';
import type { DeviceStateInfo, Twin } from '../twin/twin.ts';
import type { KnownTwin, Replica } from './replica.ts';

/** Milliseconds that a change of the replica may wait before it is written: a crash loses no more than that. */
const BEHIND_MS = 1000;

/** As it is kept: with the node that said it, and the store that its position is of. */
type ArchivedTwin = Twin & { nodeName?: string; storeId?: string };

/**
 * The replica's memory beyond the process, written behind: what a gateway that starts again answers of nodes that are away.
 * The nodes' stores are the durable copy; a node that connects says everything anew.
 */
export class ReplicaArchive implements Closable {
  readonly #store: EdgeStore;
  readonly #twins = new Map<string, ArchivedTwin>();
  readonly #states = new Map<string, DeviceStateInfo>();
  readonly #stop: () => void;

  constructor(store: EdgeStore, clock: Clock) {
    this.#store = store;
    this.#stop = every(clock, BEHIND_MS, () => this.#write());
  }

  twin(nodeName: string, twin: Twin, storeId: string): void {
    this.#twins.set(`${twin.device}/${twin.property}`, { ...twin, nodeName, storeId });
  }

  state(state: DeviceStateInfo): void {
    this.#states.set(state.device, state);
  }

  /**
   * Gives the replica what was known of devices that still are what they were, and where; of others it forgets.
   * @returns the devices of which something is known again: that is news
   */
  restore(replica: Replica, devices: ObjectCache<DeviceObject>): DeviceObject[] {
    const { twins, states } = this.#store.load();
    const nodes = new Map<string, { twins: KnownTwin[]; states: DeviceStateInfo[] }>();
    const restored = new Set<DeviceObject>();
    const placeOf = (device: DeviceObject | undefined, uid: string) => {
      const nodeName = device?.metadata.uid === uid ? device.spec.nodeName : undefined;
      if (!device || !nodeName) return undefined;
      restored.add(device);
      const known = nodes.get(nodeName) ?? { twins: [], states: [] };
      nodes.set(nodeName, known);
      return known;
    };
    const deviceOf = (id: string) => devices.get(...splitId(id));
    for (const { nodeName, storeId = '', ...twin } of twins as ArchivedTwin[]) {
      const device = deviceOf(twin.device);
      const place = device?.spec.nodeName === nodeName ? placeOf(device, twin.uid) : undefined;
      if (!place) this.#store.removeTwins(twin.device);
      else if (replica.isLocalOnly(twin.device, twin.property))
        this.#store.removeTwin(twin.device, twin.property);
      else place.twins.push({ twin, storeId });
    }
    for (const state of states) {
      const place = placeOf(deviceOf(state.device), state.uid);
      if (place && !replica.isLocalOnly(state.device)) place.states.push(state);
      else this.#store.removeTwins(state.device);
    }
    for (const [nodeName, known] of nodes) replica.restore(nodeName, known.twins, known.states);
    return [...restored];
  }

  removeDevice(device: string): void {
    this.#store.removeTwins(device);
    for (const [key, twin] of this.#twins) if (twin.device === device) this.#twins.delete(key);
    this.#states.delete(device);
  }

  /** [T26] The property is local only now. */
  removeTwin(device: string, property: string): void {
    this.#store.removeTwin(device, property);
    this.#twins.delete(`${device}/${property}`);
  }

  async close(): Promise<void> {
    this.#stop();
    this.#write();
  }

  #write(): void {
    for (const twin of this.#twins.values()) this.#store.putTwin(twin, { outbox: false });
    for (const state of this.#states.values()) this.#store.putState(state);
    this.#twins.clear();
    this.#states.clear();
  }
}
