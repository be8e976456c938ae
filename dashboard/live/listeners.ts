/** Who wants to be told of what, by a key. */
export class Listeners {
  readonly #byKey = new Map<string, Set<() => void>>();

  /** @returns ends it */
  watch(key: string, listener: () => void): () => void {
    const set = this.#byKey.get(key) ?? new Set();
    this.#byKey.set(key, set.add(listener));
    return () => {
      set.delete(listener);
      if (set.size === 0) this.#byKey.delete(key);
    };
  }

  tell(key: string): void {
    for (const listener of [...(this.#byKey.get(key) ?? [])]) listener();
  }
}
