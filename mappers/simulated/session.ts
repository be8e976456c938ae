import type { Clock } from '../../lib/clock.ts';
import { OctographError } from '../../lib/errors.ts';
import type { TwinValue } from '../../twin/value.ts';
import type { DeviceSession, Reading } from '../contract.ts';
import { SimulatedDevice } from './device.ts';
import type { SimulatedVisitor } from './visitor.ts';

export interface SimulatedSessionOptions {
  /** `<namespace>/<name>`, for messages. */
  device: string;
  visitors: SimulatedVisitor[];
  clock: Clock;
  random: () => number;
}

export class SimulatedSession implements DeviceSession {
  readonly #options: SimulatedSessionOptions;
  readonly #visitors: ReadonlyMap<string, SimulatedVisitor>;
  readonly #device: SimulatedDevice;

  constructor(options: SimulatedSessionOptions) {
    this.#options = options;
    this.#visitors = new Map(options.visitors.map((visitor) => [visitor.property, visitor]));
    this.#device = new SimulatedDevice(options.visitors, options.random);
  }

  async collect(properties: string[]): Promise<Reading[]> {
    const observedAt = this.#options.clock.now();
    return properties.flatMap((property) => {
      const visitor = this.#visitors.get(property);
      if (!visitor) return [];
      return [{ property, value: this.#device.read(visitor), quality: 'GOOD', observedAt }];
    });
  }

  async apply(property: string, value: TwinValue): Promise<TwinValue> {
    const visitor = this.#visitors.get(property);
    if (visitor?.behaviour !== 'hold') {
      throw new OctographError('DEVICE_REFUSED', `${this.#options.device}: ${property} cannot be set`);
    }
    this.#device.write(visitor, value);
    return this.#device.read(visitor);
  }

  async close(): Promise<void> {}
}
