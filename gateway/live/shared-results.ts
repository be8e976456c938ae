import { FirstInMap } from './first-in-map.ts';

/** What an execution became, with its size. */
export interface Sized {
  readonly bytes: number;
}

/**
 * Executions of shared events, kept for the subscribers that come to the same event a little later. Bounded by the
 * bytes of all results together: the events that were executed first go first, and who comes later still executes anew.
 */
export class SharedResults<R extends Sized> {
  readonly #limitBytes: number;
  readonly #byEvent = new FirstInMap<object, Map<string, R | Promise<R>>>();
  #bytes = 0;

  /** @param limitBytes 0 keeps nothing beyond the executions that are running */
  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /**
   * The result of `event` for `key`, executed if nobody has.
   * @param key everything, but the event, that the result depends on
   * @param execute must not reject
   */
  get(key: string, event: object, execute: () => R | Promise<R>): R | Promise<R> {
    let results = this.#byEvent.get(event);
    const known = results?.get(key);
    if (known) return known;
    if (!results) {
      results = new Map();
      this.#byEvent.set(event, results);
    }
    const own = results;
    const keep = (result: R): R => {
      own.set(key, result);
      // It may have been pushed out while it was running.
      if (this.#byEvent.get(event) === own) this.#bytes += result.bytes;
      this.#shrink();
      return result;
    };
    const result = execute();
    if (!(result instanceof Promise)) return keep(result);
    const running = result.then(keep);
    own.set(key, running);
    return running;
  }

  #shrink(): void {
    while (this.#bytes > this.#limitBytes) {
      const [, results] = this.#byEvent.shift() ?? [];
      if (!results) return;
      for (const result of results.values()) if (!(result instanceof Promise)) this.#bytes -= result.bytes;
    }
  }
}
