import type { Clock } from '../../lib/clock.ts';
import { OctographError } from '../../lib/errors.ts';
import type { TwinValue } from '../../twin/value.ts';
import type { DeviceSession, Reading } from '../contract.ts';
import { SimulatedDevice } from './device.ts';
import type { SimulatedMethod } from './method.ts';
import type { SimulatedVisitor } from './visitor.ts';

export interface SimulatedSessionOptions {
  /** `<namespace>/<name>`, for messages. */
  device: string;
  visitors: SimulatedVisitor[];
  methods: SimulatedMethod[];
  clock: Clock;
  random: () => number;
}

export class SimulatedSession implements DeviceSession {
  readonly methods: ReadonlySet<string>;
  readonly #options: SimulatedSessionOptions;
  readonly #visitors: ReadonlyMap<string, SimulatedVisitor>;
  readonly #device: SimulatedDevice;

  constructor(options: SimulatedSessionOptions) {
    this.#options = options;
    this.#visitors = new Map(options.visitors.map((visitor) => [visitor.property, visitor]));
    this.methods = new Set(options.methods.map(({ name }) => name));
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

  async invoke(name: string, args: Record<string, TwinValue>, signal: AbortSignal): Promise<TwinValue> {
    const { device, methods } = this.#options;
    const method = methods.find((known) => known.name === name);
    if (!method) throw new OctographError('DEVICE_REFUSED', `${device} has no method ${name}`);
    await this.#wait(method.takesMs, signal);
    if (method.refuses !== undefined) {
      throw new OctographError('DEVICE_REFUSED', `${device}, method ${name}: ${method.refuses}`);
    }
    const echo = Object.keys(args).length > 0 ? JSON.stringify(args) : null;
    return method.result ?? echo;
  }

  async close(): Promise<void> {}

  #wait(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = this.#options.clock.setTimer(ms, resolve);
      signal.addEventListener(
        'abort',
        () => {
          cancel();
          reject(signal.reason);
        },
        { once: true },
      );
    });
  }
}
