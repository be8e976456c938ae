import type { TwinValue } from '../../twin/value.ts';
import type { SimulatedVisitor } from './visitor.ts';

/** The device itself: what a real mapper has at the other end of its connection. */
export class SimulatedDevice {
  readonly #random: () => number;
  readonly #values: Map<string, TwinValue>;

  constructor(visitors: readonly SimulatedVisitor[], random: () => number) {
    this.#random = random;
    this.#values = new Map(visitors.map((visitor) => [visitor.property, represent(visitor, visitor.start)]));
  }

  read(visitor: SimulatedVisitor): TwinValue {
    if (visitor.behaviour === 'walk') this.#walk(visitor);
    return this.#values.get(visitor.property) ?? null;
  }

  write(visitor: SimulatedVisitor, value: TwinValue): void {
    this.#values.set(visitor.property, represent(visitor, value));
  }

  #walk(visitor: SimulatedVisitor): void {
    const from = Number(this.#values.get(visitor.property));
    const to = from + (this.#random() * 2 - 1) * visitor.step;
    this.write(visitor, Math.min(visitor.maximum, Math.max(visitor.minimum, to)));
  }
}

/** A device has its own precision: two decimals, whole INTs. */
function represent({ type }: SimulatedVisitor, value: TwinValue): TwinValue {
  if (typeof value !== 'number') return value;
  return type === 'INT' ? Math.round(value) : Math.round(value * 100) / 100;
}
