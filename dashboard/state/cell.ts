/** A value that tells when it changes. */
export interface Cell<T> {
  get(): T;
  set(value: T): void;
  /** @returns ends it */
  watch(listener: () => void): () => void;
}

export function createCell<T>(value: T): Cell<T> {
  const listeners = new Set<() => void>();
  let current = value;
  return {
    get: () => current,
    set(next) {
      if (Object.is(next, current)) return;
      current = next;
      for (const listener of [...listeners]) listener();
    },
    watch(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
