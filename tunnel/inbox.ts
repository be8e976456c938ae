import type { WireMessage } from './fragments.ts';

export interface InboxOptions {
  handle(message: WireMessage): void | Promise<void>;
  /** The message needs no room any more. */
  handled(message: WireMessage): void;
  /** `handle` failed. Nothing is handled after it. */
  failed(error: unknown): void;
}

/** [W16] Hands messages to their handler one at a time, in order. What it holds is bounded by the credit of the channel. */
export class Inbox {
  readonly #options: InboxOptions;
  #waiting: WireMessage[] = [];
  #running = false;
  #closed = false;

  constructor(options: InboxOptions) {
    this.#options = options;
  }

  add(message: WireMessage): void {
    if (this.#closed) return;
    this.#waiting.push(message);
    if (!this.#running) void this.#run();
  }

  /** A message that is being handled may still finish; no other one is begun. */
  close(): void {
    this.#closed = true;
    this.#waiting = [];
  }

  async #run(): Promise<void> {
    this.#running = true;
    try {
      for (let message = this.#waiting.shift(); message; message = this.#waiting.shift()) {
        await this.#options.handle(message);
        if (this.#closed) return;
        this.#options.handled(message);
      }
    } catch (error) {
      if (!this.#closed) this.#options.failed(error);
    } finally {
      this.#running = false;
    }
  }
}
