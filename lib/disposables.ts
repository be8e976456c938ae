/** Ends what a start began. Calling it twice is harmless. */
export type Close = () => void;

/** A living thing: what opened it closes it. `close` is idempotent. */
export interface Closable {
  close(): Promise<void>;
}

/** Collects what a composition opened and closes it in reverse order. */
export class Disposables {
  #stack: Array<() => void | Promise<void>> = [];

  add(close: () => void | Promise<void>): void {
    this.#stack.push(close);
  }

  use<T extends Closable>(thing: T): T {
    this.add(() => thing.close());
    return thing;
  }

  /** Closes everything even when one of them fails, then throws the first failure. */
  async close(): Promise<void> {
    let failure: unknown;
    for (let close = this.#stack.pop(); close; close = this.#stack.pop()) {
      try {
        await close();
      } catch (error) {
        failure ??= error;
      }
    }
    if (failure) throw failure;
  }
}
