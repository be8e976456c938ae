import type { Twin } from '../twin/twin.ts';

/** Updates that went ahead and that the backlog has not come to yet, at most; beyond it the newer ones wait. */
const AHEAD_LIMIT = 10_000;

/**
 * [W38] What waits to go up in its order, by property: a report of a property of which nothing waits may go ahead of all that. When
 * the backlog comes to it, it need not go up again.
 */
export class Backlog {
  /** By property: the newest report that waits. */
  readonly #waiting = new Map<string, number>();
  /** Positions that went ahead. */
  readonly #ahead = new Set<number>();

  /** A connection begins: `twins` as they stand, all up to `sentSeq` need not be sent. */
  constructor(twins: Iterable<Twin>, sentSeq: number) {
    for (const twin of twins) if (twin.seq > sentSeq) this.#waiting.set(keyOf(twin), twin.seq);
  }

  /** Of reports in their order those that may go ahead, and with this do; the others wait from now on. */
  takeAhead(updates: readonly Twin[], hasRoom: boolean): Twin[] {
    return updates.filter((twin) => {
      const key = keyOf(twin);
      const mayGo = hasRoom && !this.#waiting.has(key) && this.#ahead.size < AHEAD_LIMIT;
      if (mayGo) this.#ahead.add(twin.seq);
      else this.#waiting.set(key, twin.seq);
      return mayGo;
    });
  }

  /**
   * Reports in their order, about to be sent. @returns them without those that went ahead; the last one is always in it: its
   * acknowledgement is that of all before it
   */
  take(updates: readonly Twin[]): Twin[] {
    const last = updates.at(-1);
    return updates.filter((twin) => {
      const key = keyOf(twin);
      if ((this.#waiting.get(key) ?? Number.POSITIVE_INFINITY) <= twin.seq) this.#waiting.delete(key);
      return !this.#ahead.delete(twin.seq) || twin === last;
    });
  }

  /** All was sent that there is. */
  clear(): void {
    this.#waiting.clear();
    this.#ahead.clear();
  }
}

const keyOf = ({ device, property }: Twin) => `${device}/${property}`;
