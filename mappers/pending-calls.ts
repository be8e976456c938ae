interface Pending {
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

/** Calls into another process, by the numbers that their answers name. As many as the host has under way. */
export class PendingCalls {
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;

  /**
   * Sends a call, and settles with its answer; rejects with the signal's reason where that comes first.
   * @param onAbort tells the other side that nobody waits any more
   */
  start<T>(signal: AbortSignal, send: (id: number) => void, onAbort?: (id: number) => void): Promise<T> {
    if (signal.aborted) return Promise.reject(signal.reason);
    const id = this.#nextId++;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#pending.set(id, { resolve, reject });
    send(id);
    const abort = () => {
      onAbort?.(id);
      reject(signal.reason);
    };
    signal.addEventListener('abort', abort, { once: true });
    return promise.finally(() => {
      this.#pending.delete(id);
      signal.removeEventListener('abort', abort);
    }) as Promise<T>;
  }

  /** An answer that nobody waits for any more is ignored, here and below. */
  resolve(id: number, result: unknown): void {
    this.#pending.get(id)?.resolve(result);
  }

  reject(id: number, error: unknown): void {
    this.#pending.get(id)?.reject(error);
  }

  /** The other side is gone: no answer will come. */
  rejectAll(error: unknown): void {
    for (const { reject } of this.#pending.values()) reject(error);
  }
}
