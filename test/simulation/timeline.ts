import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Close } from '../../lib/disposables.ts';

interface Entry {
  at: number;
  order: number;
  run: () => void;
  isCancelled: boolean;
}

/** What happens in the world, in the order of its time: one thing after the other, promises settled in between. */
export class Timeline {
  #now = 0;
  #order = 0;
  /** A binary heap by time, then by order of entry. */
  readonly #heap: Entry[] = [];

  /** Milliseconds since the beginning of the world. */
  get now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): Close {
    const entry = { at: this.#now + Math.max(0, ms), order: this.#order++, run, isCancelled: false };
    this.#heap.push(entry);
    this.#siftUp(this.#heap.length - 1);
    return () => {
      entry.isCancelled = true;
    };
  }

  /** Runs what is due up to `until`, one after the other; `check` is called after each. */
  async runUntil(until: number, check: () => void): Promise<void> {
    await nextTurn();
    for (let next = this.#heap[0]; next && next.at <= until; next = this.#heap[0]) {
      this.#pop();
      if (next.isCancelled) continue;
      this.#now = next.at;
      next.run();
      await nextTurn();
      check();
    }
    this.#now = until;
  }

  #pop(): void {
    const last = this.#heap.pop() as Entry;
    if (this.#heap.length === 0) return;
    this.#heap[0] = last;
    let at = 0;
    for (;;) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      let first = at;
      if (left < this.#heap.length && isBefore(this.#heap[left]!, this.#heap[first]!)) first = left;
      if (right < this.#heap.length && isBefore(this.#heap[right]!, this.#heap[first]!)) first = right;
      if (first === at) return;
      this.#swap(at, first);
      at = first;
    }
  }

  #siftUp(from: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(this.#heap[at]!, this.#heap[parent]!)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #swap(a: number, b: number): void {
    [this.#heap[a], this.#heap[b]] = [this.#heap[b]!, this.#heap[a]!];
  }
}

const isBefore = (a: Entry, b: Entry) => a.at < b.at || (a.at === b.at && a.order < b.order);
