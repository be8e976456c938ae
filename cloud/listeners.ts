import type { Close } from '../lib/disposables.ts';
import type { DeviceId } from '../twin/device-object.ts';

/** Who waits for a change of one device. */
export class Listeners {
  readonly #byDevice = new Map<DeviceId, Set<() => void>>();

  add(device: DeviceId, listener: () => void): Close {
    const set = this.#byDevice.get(device) ?? new Set();
    this.#byDevice.set(device, set.add(listener));
    return () => {
      if (set.delete(listener) && set.size === 0) this.#byDevice.delete(device);
    };
  }

  call(device: DeviceId): void {
    for (const listener of [...(this.#byDevice.get(device) ?? [])]) listener();
  }
}
