/** Keys that failed come back in steps of this: so many of them cost one look per step. */
const STEP_MS = 100;

interface Entry {
  /** When the key was first added and not yet worked off. */
  since: number;
  /** Not before this instant. */
  dueAt: number;
}

/**
 * Keys that want work, each once, first come first served. A key added while it is worked on comes again afterwards; one
 * that failed comes again after its delay. Holds at most one entry per key: its bound is the number of objects.
 * Instants are milliseconds of one monotonic clock.
 */
export class WorkQueue {
  #ready = new Map<string, Entry>();
  readonly #delayed = new Map<string, Entry>();
  readonly #working = new Map<string, { since: number; again: number | undefined }>();
  readonly #failures = new Map<string, number>();
  #nextDueAt = Number.POSITIVE_INFINITY;

  /** Keys that wait, those with a delay included. */
  get size(): number {
    return this.#ready.size + this.#delayed.size;
  }

  get working(): number {
    return this.#working.size;
  }

  /** Since when the oldest key waits or is worked on. */
  get oldestSince(): number | undefined {
    let oldest: number | undefined;
    for (const entries of [this.#ready, this.#delayed, this.#working]) {
      for (const { since } of entries.values()) oldest = Math.min(oldest ?? since, since);
    }
    return oldest;
  }

  /** When the next delayed key is due, or a little before. */
  get nextDueAt(): number | undefined {
    return this.#delayed.size > 0 ? this.#nextDueAt : undefined;
  }

  add(key: string, now: number): void {
    const working = this.#working.get(key);
    if (working) working.again ??= now;
    else if (!this.#ready.has(key) && !this.#delayed.has(key))
      this.#ready.set(key, { since: now, dueAt: now });
  }

  /** The next key, which then counts as worked on until `done` or `failed`. */
  take(now: number): string | undefined {
    if (now >= this.#nextDueAt) this.#promote(now);
    for (const [key, { since }] of this.#ready) {
      this.#ready.delete(key);
      this.#working.set(key, { since, again: undefined });
      return key;
    }
    return undefined;
  }

  done(key: string): void {
    const again = this.#working.get(key)?.again;
    this.#working.delete(key);
    this.#failures.delete(key);
    if (again !== undefined) this.add(key, again);
  }

  /** `delayOf` is given how often in a row the key failed before this time. */
  failed(key: string, now: number, delayOf: (failures: number) => number): void {
    const since = this.#working.get(key)?.since ?? now;
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    this.#working.delete(key);
    const dueAt = Math.ceil((now + delayOf(failures)) / STEP_MS) * STEP_MS;
    this.#delayed.set(key, { since, dueAt });
    this.#nextDueAt = Math.min(this.#nextDueAt, dueAt);
  }

  /** Those of the keys that wait, delayed or not, come next. */
  moveToHead(keys: Iterable<string>): void {
    const head = new Map<string, Entry>();
    for (const key of keys) {
      const entry = this.#ready.get(key) ?? this.#delayed.get(key);
      if (!entry) continue;
      this.#delayed.delete(key);
      head.set(key, entry);
    }
    for (const [key, entry] of this.#ready) if (!head.has(key)) head.set(key, entry);
    this.#ready = head;
  }

  #promote(now: number): void {
    this.#nextDueAt = Number.POSITIVE_INFINITY;
    for (const [key, entry] of this.#delayed) {
      if (entry.dueAt > now) {
        this.#nextDueAt = Math.min(this.#nextDueAt, entry.dueAt);
        continue;
      }
      this.#delayed.delete(key);
      this.#ready.set(key, entry);
    }
  }
}
