import { OctographError } from '../lib/errors.ts';

interface Entry<T> {
  /** What was asked: the same key for something else is a mistake, not a retry. */
  question: string;
  answer: Promise<T>;
  settled: boolean;
}

export interface OnceGuardOptions {
  /** Answers that are remembered; beyond it the oldest are forgotten. */
  limit?: number;
  /** Whether a failure left no trace, so that the next try is to be a real one. */
  isHarmless(error: unknown): boolean;
}

/** Runs what has the same key once: a retry joins the call under way, or gets the answer that it had. */
export class OnceGuard<T> {
  readonly #limit: number;
  readonly #isHarmless: (error: unknown) => boolean;
  /** Oldest first. */
  readonly #entries = new Map<string, Entry<T>>();

  constructor({ limit = 1_000, isHarmless }: OnceGuardOptions) {
    this.#limit = limit;
    this.#isHarmless = isHarmless;
  }

  /** @throws OctographError `IDEMPOTENCY_CONFLICT`; `DEVICE_BUSY` where as many calls as the limit are under way */
  run(key: string, question: string, call: () => Promise<T>): Promise<T> {
    const known = this.#entries.get(key);
    if (known?.question === question) return known.answer;
    if (known) {
      throw new OctographError(
        'IDEMPOTENCY_CONFLICT',
        `idempotency key ${key} was used for ${known.question}, not for ${question}`,
      );
    }
    this.#makeRoom();
    const entry: Entry<T> = { question, answer: call(), settled: false };
    this.#entries.set(key, entry);
    entry.answer.then(
      () => {
        entry.settled = true;
      },
      (error) => {
        entry.settled = true;
        if (this.#isHarmless(error)) this.#entries.delete(key);
      },
    );
    return entry.answer;
  }

  #makeRoom(): void {
    if (this.#entries.size < this.#limit) return;
    for (const [key, { settled }] of this.#entries) {
      if (!settled) continue;
      this.#entries.delete(key);
      return;
    }
    throw new OctographError('DEVICE_BUSY', `${this.#limit} calls of methods are under way`);
  }
}
