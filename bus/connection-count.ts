/** Counts connections by the address that they come from. */
export class ConnectionCount {
  readonly #max: number;
  readonly #byAddress = new Map<string, number>();

  constructor(maxPerAddress: number) {
    this.#max = maxPerAddress;
  }

  /** False where the address has as many as it may. */
  take(address: string): boolean {
    const count = this.#byAddress.get(address) ?? 0;
    if (count >= this.#max) return false;
    this.#byAddress.set(address, count + 1);
    return true;
  }

  release(address: string): void {
    const left = (this.#byAddress.get(address) ?? 0) - 1;
    if (left > 0) this.#byAddress.set(address, left);
    else this.#byAddress.delete(address);
  }
}
