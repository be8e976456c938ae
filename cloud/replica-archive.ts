import type { ObjectCache } from '../kubernetes/object-cache.ts';
import { type Clock, every } from '../lib/clock.ts';
import type { Closable } from '../lib/disposables.ts';
import type { EdgeStore } from '../store/contract.ts';
import { type DeviceObject, idOf } from '../twin/device-object.ts';
import type { DeviceStateInfo, Twin } from '../twin/twin.ts';
import type { Replica } from './replica.ts';

/** Milliseconds that a change of the replica may wait before it is written: a crash loses no more than that. */
const BEHIND_MS = 1000;

/**
 * The replica's memory beyond the process, written behind: what a gateway that starts again answers of nodes that are away.
 * The nodes' stores are the durable copy; a node that connects says everything anew.
 */
export class ReplicaArchive implements Closable {
  readonly #store: EdgeStore;
  readonly #twins = new Map<string, Twin>();
  readonly #states = new Map<string, DeviceStateInfo>();
  readonly #stop: () => void;

  constructor(store: EdgeStore, clock: Clock) {
    this.#store = store;
    this.#stop = every(clock, BEHIND_MS, () => this.#write());
  }

  twin(twin: Twin): void {
    this.#twins.set(`${twin.device}/${twin.property}`, twin);
  }

  state(state: DeviceStateInfo): void {
    this.#states.set(state.device, state);
  }

  /** Gives the replica what was known of devices that still are what they were; of others it forgets. */
  restore(replica: Replica, devices: ObjectCache<DeviceObject>): void {
    const { twins, states } = this.#store.load();
    const nodes = new Map<string, { twins: Twin[]; states: DeviceStateInfo[] }>();
    const isSame = new Map<string, { uid: string; nodeName: string }>();
    for (const device of devices.list()) {
      const nodeName = device.spec.nodeName;
      if (nodeName) isSame.set(idOf(device), { uid: device.metadata.uid ?? '', nodeName });
    }
    const place = <T extends { device: string; uid: string }>(items: T[], kind: 'twins' | 'states') => {
      for (const item of items) {
        const device = isSame.get(item.device);
        if (device?.uid !== item.uid) {
          this.#store.removeTwins(item.device);
          continue;
        }
        const node = nodes.get(device.nodeName) ?? { twins: [], states: [] };
        nodes.set(device.nodeName, node);
        (node[kind] as unknown as T[]).push(item);
      }
    };
    place(twins, 'twins');
    place(states, 'states');
    for (const [nodeName, known] of nodes) replica.restore(nodeName, known.twins, known.states);
  }

  removeDevice(device: string): void {
    this.#store.removeTwins(device);
    for (const [key, twin] of this.#twins) if (twin.device === device) this.#twins.delete(key);
    this.#states.delete(device);
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
