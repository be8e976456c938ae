import type { Close } from '../lib/disposables.ts';

/** Counts connections by the address that they come from. */
export class ConnectionCount {
  readonly #max: number;
  readonly #byAddress = new Map<string, Set<Close>>();

  constructor(maxPerAddress: number) {
    this.#max = maxPerAddress;
  }

  /** @returns ends it; undefined where the address has as many as it may */
  take(address: string): Close | undefined {
    const connections = this.#byAddress.get(address) ?? new Set();
    if (connections.size >= this.#max) return undefined;
    const release = () => {
      connections.delete(release);
      if (connections.size === 0) this.#byAddress.delete(address);
    };
    this.#byAddress.set(address, connections.add(release));
    return release;
  }
}
