import { isDeepStrictEqual } from 'node:util';
import { type Clock, every } from '../lib/clock.ts';
import type { Close } from '../lib/disposables.ts';
import type { Machine, MachinePressure } from '../twin/machine.ts';
import type { MachineHeadroom, MachineReading } from './machine.ts';

export interface MachineWatchOptions {
  read: () => MachineReading;
  /** Tells the cloud that the machine is not what the last hello or message said. False: there is no link. */
  tell: (machine: Machine) => boolean;
  clock: Clock;
}

/** A kubelet's figures: how often it looks, and how long a pressure is told after it was last seen. */
const LOOK_MS = 10_000;
const PRESSURE_HOLD_MS = 5 * 60_000;

/** Knows the machine as it was last told, and tells when it has changed. */
export class MachineWatch {
  readonly #options: MachineWatchOptions;
  readonly #stop: Close;
  /** Monotonic, milliseconds: when each pressure was last seen. */
  readonly #seenAt: Record<keyof MachinePressure, number> = {
    memory: Number.NEGATIVE_INFINITY,
    disk: Number.NEGATIVE_INFINITY,
    pids: Number.NEGATIVE_INFINITY,
  };
  #told: Machine | undefined;

  constructor(options: MachineWatchOptions) {
    this.#options = options;
    this.#stop = every(options.clock, LOOK_MS, () => {
      const machine = this.#look();
      if (!isDeepStrictEqual(machine, this.#told) && options.tell(machine)) this.#told = machine;
    });
  }

  /** For the hello: as it is now. */
  hello(): Machine {
    this.#told = this.#look();
    return this.#told;
  }

  close(): void {
    this.#stop();
  }

  #look(): Machine {
    const { machine, headroom } = this.#options.read();
    const now = this.#options.clock.monotonic();
    const seen = pressureOf(headroom);
    const held = (what: keyof MachinePressure) => {
      if (seen[what]) this.#seenAt[what] = now;
      return now - this.#seenAt[what] < PRESSURE_HOLD_MS;
    };
    return { ...machine, pressure: { memory: held('memory'), disk: held('disk'), pids: held('pids') } };
  }
}

/** A kubelet's thresholds: less than 100 MiB of memory, 10 % of the disk; and, where it has none, 10 % of the PIDs. */
export function pressureOf({
  memoryBytes,
  storageBytes,
  storageSizeBytes,
  pids,
}: MachineHeadroom): MachinePressure {
  return {
    memory: memoryBytes < 100 * 1024 * 1024,
    disk: storageBytes < storageSizeBytes / 10,
    pids: pids !== undefined && pids.left < pids.limit / 10,
  };
}
