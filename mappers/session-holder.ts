import type { Clock } from '../lib/clock.ts';
import { codeOf } from '../lib/errors.ts';
import type { DeviceSession, Mapper, MapperDevice, MapperEvents } from './contract.ts';
import { withDeadline } from './deadline.ts';

export interface SessionHolderOptions {
  mapper: Mapper;
  device: MapperDevice;
  events: MapperEvents;
  clock: Clock;
}

/** A mapper's `open` that takes longer has failed. */
const OPEN_DEADLINE_MS = 10_000;
/** A mapper's `close` that takes longer is left to itself. */
const CLOSE_DEADLINE_MS = 2_000;

/**
 * The one session of a device: opened when first wanted, replaced when it hangs.
 * A configuration that the mapper refused is not tried again; everything else is, at the next `get`.
 */
export class SessionHolder {
  readonly #options: SessionHolderOptions;
  #current: Promise<DeviceSession> | undefined;
  /** Grows whenever `#current` changes hands: what an older session says or becomes is nobody's business. */
  #generation = 0;

  constructor(options: SessionHolderOptions) {
    this.#options = options;
  }

  get(): Promise<DeviceSession> {
    this.#current ??= this.#open(++this.#generation);
    return this.#current;
  }

  /** Gives the session up: its events are ignored from now on, the next `get` opens a new one. Never rejects. */
  async discard(): Promise<void> {
    const given = this.#current;
    this.#current = undefined;
    this.#generation++;
    if (!given) return;
    const { clock, device } = this.#options;
    try {
      await withDeadline(clock, CLOSE_DEADLINE_MS, `closing ${device.name}`, async () =>
        (await given).close(),
      );
    } catch {
      // It never opened, or it does not close: either way nothing of it is used any more.
    }
  }

  #open(generation: number): Promise<DeviceSession> {
    const { mapper, device, clock } = this.#options;
    const isCurrent = () => this.#generation === generation;
    const events: MapperEvents = {
      report: (readings) => isCurrent() && this.#options.events.report(readings),
      state: (state, reason) => isCurrent() && this.#options.events.state(state, reason),
    };
    const opening = withDeadline(clock, OPEN_DEADLINE_MS, `opening ${device.name}`, async (signal) => {
      const session = await mapper.open(device, events);
      // The deadline has passed: nobody will ever ask for this session.
      if (signal.aborted) await session.close();
      return session;
    });
    opening.catch((error) => {
      if (codeOf(error) !== 'MAPPER_CONFIG' && isCurrent()) this.#current = undefined;
    });
    return opening;
  }
}
