import type { Clock } from '../lib/clock.ts';

export interface AnswerCacheOptions<T> {
  /** How long an answer is believed, milliseconds. */
  keepMs: (answer: T) => number;
  /** Answers held at most; the oldest goes first. */
  limit: number;
  clock: Clock;
}

/** Answers of a server by their question. Asked once while an answer is on its way; what failed is asked anew. */
export class AnswerCache<T> {
  readonly #options: AnswerCacheOptions<T>;
  readonly #answers = new Map<string, { answer: T; until: number }>();
  readonly #asked = new Map<string, Promise<T>>();

  constructor(options: AnswerCacheOptions<T>) {
    this.#options = options;
  }

  get(question: string, ask: () => Promise<T>): Promise<T> {
    const { clock } = this.#options;
    const known = this.#answers.get(question);
    if (known && known.until > clock.monotonic()) return Promise.resolve(known.answer);
    const running = this.#asked.get(question);
    if (running) return running;
    const asked = ask()
      .then((answer) => this.#keep(question, answer))
      .finally(() => this.#asked.delete(question));
    this.#asked.set(question, asked);
    return asked;
  }

  #keep(question: string, answer: T): T {
    const { clock, keepMs, limit } = this.#options;
    this.#answers.delete(question);
    this.#answers.set(question, { answer, until: clock.monotonic() + keepMs(answer) });
    for (const oldest of this.#answers.keys()) {
      if (this.#answers.size <= limit) break;
      this.#answers.delete(oldest);
    }
    return answer;
  }
}
