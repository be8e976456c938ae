import { OctographError } from '../../lib/errors.ts';
import type { DeviceSession, Mapper, MapperDevice, Reading } from '../../mappers/contract.ts';
import type { TwinValue } from '../../twin/value.ts';
import type { Process } from './process.ts';
import type { Random } from './random.ts';
import type { Timeline } from './timeline.ts';

/**
 * How a device behaves: `deaf` does what it is told and never answers; `silent` does nothing and never answers; `coarse`
 * represents numbers in steps of a half.
 */
export const BEHAVIOURS = ['accepts', 'coarse', 'refuses', 'silent', 'deaf', 'unreachable'] as const;
export type Behaviour = (typeof BEHAVIOURS)[number];

/** A write as it leaves an edge node. */
export interface DeviceWrite {
  device: string;
  uid: string;
  property: string;
  value: TwinValue;
}

/** The counter: every reading of it is another number, so that a lost or a late one shows. */
export const COUNTER = 'temperature';

class Device {
  behaviour: Behaviour = 'accepts';
  readonly values = new Map<string, TwinValue>([
    [COUNTER, 0],
    ['setpoint', 20],
    ['mode', 'idle'],
  ]);
}

/** All devices out there. They outlive the nodes that talk to them, and the objects that describe them. */
export class Hardware {
  /** Counters stand still. */
  isQuiet = false;
  readonly #timeline: Timeline;
  readonly #random: Random;
  readonly #devices = new Map<string, Device>();

  constructor(timeline: Timeline, random: Random) {
    this.#timeline = timeline;
    this.#random = random;
  }

  device(id: string): Device {
    let device = this.#devices.get(id);
    if (!device) {
      device = new Device();
      this.#devices.set(id, device);
    }
    return device;
  }

  devices(): Iterable<Device> {
    return this.#devices.values();
  }

  /** Somebody turned a knob. */
  drift(id: string, property: string, value: TwinValue): void {
    this.device(id).values.set(property, value);
  }

  /** How one edge process talks to them; `onWrite` hears of every write that it sends out. */
  mapperOf(process: Process, onWrite: (write: DeviceWrite) => void): Mapper {
    return {
      protocol: 'modbus',
      delivery: 'poll',
      open: async (device) => this.#session(device as MapperDevice & { uid: string }, process, onWrite),
      close: async () => {},
    };
  }

  #session(
    { namespace, name, uid }: MapperDevice & { uid: string },
    process: Process,
    onWrite: (write: DeviceWrite) => void,
  ): DeviceSession {
    const id = `${namespace}/${name}`;
    const device = this.device(id);
    return {
      collect: async (properties) => {
        await this.#delay(process);
        await this.#answer(id, device);
        return properties.flatMap((property) => this.#read(device, property, process));
      },
      apply: async (property, value) => {
        if (!process.passes()) return never();
        onWrite({ device: id, uid, property, value });
        await this.#delay(process);
        if (device.behaviour === 'refuses') throw new OctographError('DEVICE_REFUSED', `${id} says no`);
        if (device.behaviour === 'deaf') device.values.set(property, value);
        await this.#answer(id, device);
        device.values.set(property, represented(device, value));
        await this.#delay(process);
        return device.values.get(property) ?? null;
      },
      close: async () => {},
    };
  }

  #read(device: Device, property: string, process: Process): Reading[] {
    const value = device.values.get(property);
    if (value === undefined) return [];
    if (property === COUNTER && !this.isQuiet && this.#random.chance(0.7))
      device.values.set(property, (value as number) + 1);
    return [
      {
        property,
        value: device.values.get(property) ?? null,
        quality: 'GOOD',
        observedAt: process.now(),
      },
    ];
  }

  #answer(id: string, { behaviour }: Device): Promise<void> {
    if (behaviour === 'silent' || behaviour === 'deaf') return never();
    if (behaviour === 'unreachable') throw new OctographError('DEVICE_UNREACHABLE', `no way to ${id}`);
    return Promise.resolve();
  }

  #delay(process: Process): Promise<void> {
    return new Promise((resolve) => {
      this.#timeline.after(this.#random.int(0, 40), () => {
        if (process.passes()) resolve();
      });
    });
  }
}

const never = (): Promise<never> => new Promise(() => {});

const represented = ({ behaviour }: Device, value: TwinValue): TwinValue =>
  behaviour === 'coarse' && typeof value === 'number' ? Math.round(value * 2) / 2 : value;
