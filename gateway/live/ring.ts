const slotsKept = 16;

/** The last `capacity` items, oldest first. Every operation is O(1); memory grows with the items up to the capacity. */
export class Ring<T> {
  readonly #capacity: number;
  #slots: (T | undefined)[] = [];
  #head = 0;
  #size = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#size;
  }

  /** @returns the oldest item if it had to make room */
  push(item: T): T | undefined {
    const pushedOut = this.#size === this.#capacity ? this.shift() : undefined;
    this.#slots[(this.#head + this.#size) % this.#capacity] = item;
    this.#size++;
    return pushedOut;
  }

  shift(): T | undefined {
    if (this.#size === 0) return undefined;
    const item = this.#slots[this.#head];
    this.#slots[this.#head] = undefined;
    this.#head = (this.#head + 1) % this.#capacity;
    this.#size--;
    if (this.#size === 0) this.#rewind();
    return item;
  }

  /** Empty, it starts over: where few items wait at a time, few slots are ever used, and what a burst needed is let go. */
  #rewind(): void {
    this.#head = 0;
    if (this.#slots.length > slotsKept) this.#slots = [];
  }

  /** The items from `index` on, counted from the oldest. */
  from(index: number): T[] {
    const items: T[] = [];
    for (let at = index; at < this.#size; at++) items.push(this.#slots[(this.#head + at) % this.#capacity]!);
    return items;
  }
}
