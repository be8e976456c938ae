import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';

const QUIET_MS = 60_000;

/** Counts what limits turn away. The first of each kind is logged, then at most one a minute, with how many were not. */
export class Refusals {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #last = new Map<string, { at: number; untold: number }>();
  #count = 0;

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  get count(): number {
    return this.#count;
  }

  /** One that is logged elsewhere. */
  add(): void {
    this.#count++;
  }

  /** @param kind the words of the log */
  tell(kind: string, fields: Record<string, unknown>): void {
    this.#count++;
    const now = this.#clock.monotonic();
    const last = this.#last.get(kind);
    if (last && now - last.at < QUIET_MS) {
      last.untold++;
      return;
    }
    this.#last.set(kind, { at: now, untold: 0 });
    this.#logger.warn({ ...fields, ...(last?.untold && { untold: last.untold }) }, kind);
  }
}
