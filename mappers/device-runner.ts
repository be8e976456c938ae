import { backoffDelay } from '../lib/backoff.ts';
import type { Clock } from '../lib/clock.ts';
import type { Close } from '../lib/disposables.ts';
import { codeOf, messageOf, OctographError } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import type { PropertyModel } from '../twin/model.ts';
import type { TwinValue } from '../twin/value.ts';
import { ApplyFence } from './apply-fence.ts';
import { ChangeFilter } from './change-filter.ts';
import { conform } from './conform.ts';
import type { BrowsedNode, DeviceSession, DeviceState, Mapper, Reading } from './contract.ts';
import { DeadlineError, withDeadline } from './deadline.ts';
import type { HostDevice, HostSink } from './host.ts';
import { writeProperties } from './property-method.ts';
import { type CycleGroup, dueGroups, earliest, groupByCycle, nextStart } from './schedule.ts';
import { SessionHolder } from './session-holder.ts';

export interface DeviceRunnerOptions {
  device: HostDevice;
  mapper: Mapper;
  sink: HostSink;
  clock: Clock;
  /** 0 ≤ random() < 1 */
  random: () => number;
  logger: Logger;
}

/** A collection that takes longer is given up, and the session with it. */
const COLLECT_DEADLINE_MS = 10_000;
const RETRY_BASE_MS = 250;
const RETRY_CAP_MS = 30_000;
/** First collections are spread over this time, so that a node's start is not one burst. */
const FIRST_SPREAD_MS = 200;

/** Runs one device: its cycles, its state, its commands. Whatever its mapper does, nobody else notices. */
export class DeviceRunner {
  readonly device: HostDevice;
  readonly #options: DeviceRunnerOptions;
  readonly #models: ReadonlyMap<string, PropertyModel>;
  readonly #session: SessionHolder;
  readonly #filter = new ChangeFilter();
  readonly #fence = new ApplyFence();
  readonly #closing = new AbortController();
  #groups: CycleGroup[] = [];
  #cancelTurn: Close = () => {};
  #turning = false;
  /** The latest collection; it never rejects. */
  #collecting: Promise<unknown> = Promise.resolve();
  #failures = 0;
  #state: { state: DeviceState; reason?: string } | undefined;

  constructor(options: DeviceRunnerOptions) {
    const { device, mapper, clock, random } = options;
    this.device = device;
    this.#options = options;
    this.#models = new Map(device.properties.map((property) => [property.name, property]));
    this.#session = new SessionHolder({
      mapper,
      device,
      clock,
      events: {
        report: (readings) => this.#takeIn(readings),
        state: (state, reason) => this.#setState(state, reason),
      },
    });
    this.#groups = groupByCycle(device.properties, clock.monotonic() + random() * FIRST_SPREAD_MS);
    this.#arm();
  }

  /** @throws what the mapper threw, or `DEVICE_TIMEOUT` */
  async apply(property: string, value: TwinValue, deadlineMs: number): Promise<TwinValue> {
    const model = this.#modelOf(property);
    const end = this.#fence.begin(property);
    let reading: Reading;
    try {
      const applied = await this.#call(
        deadlineMs,
        `setting ${property} of ${this.#name}`,
        (session, signal) => session.apply(property, value, signal),
      );
      reading = conform(model, {
        property,
        value: applied,
        quality: 'GOOD',
        observedAt: this.#options.clock.now(),
      });
    } finally {
      end();
    }
    this.#takeIn([reading]);
    this.#answered();
    return reading.value;
  }

  /** @throws what the mapper threw, or `DEVICE_TIMEOUT` */
  async read(properties: string[], deadlineMs: number): Promise<Reading[]> {
    for (const property of properties) this.#modelOf(property);
    const readings = await this.#collect(properties, deadlineMs);
    this.#answered();
    return readings;
  }

  /** @throws what the mapper threw, `DEVICE_REFUSED` where the device has no such method, `INVALID_VALUE`, or `DEVICE_TIMEOUT` */
  async invoke(method: string, args: Record<string, TwinValue>, deadlineMs: number): Promise<TwinValue> {
    const { clock } = this.#options;
    const end = clock.monotonic() + deadlineMs;
    const declared = this.device.methods.find(({ name }) => name === method);
    const call = await this.#call(deadlineMs, `${method} of ${this.#name}`, async (session, signal) => {
      if (session.invoke && session.methods?.has(method)) {
        return { result: await session.invoke(method, args, signal) };
      }
      if (declared && declared.propertyNames.length > 0) return { writes: declared };
      throw new OctographError('DEVICE_REFUSED', `${this.#name} has no method ${method} that can be called`);
    });
    if (!call.writes) return call.result;
    return writeProperties(call.writes, args, this.#models, (property, value) =>
      this.apply(property, value, Math.max(0, end - clock.monotonic())),
    );
  }

  /** @throws what the mapper threw, `DEVICE_REFUSED` where there is nothing to browse, or `DEVICE_TIMEOUT` */
  async browse(node: string | undefined, deadlineMs: number): Promise<BrowsedNode[]> {
    return this.#call(deadlineMs, `browsing ${this.#name}`, (session, signal) => {
      if (session.browse) return session.browse(node, signal);
      const { protocol } = this.#options.mapper;
      throw new OctographError(
        'DEVICE_REFUSED',
        `${this.#name}: protocol "${protocol}" has nothing to browse`,
      );
    });
  }

  async close(): Promise<void> {
    this.#closing.abort(new OctographError('DEVICE_UNREACHABLE', `${this.#name} was removed from this node`));
    this.#cancelTurn();
    await this.#session.discard();
  }

  get #name(): string {
    return `${this.device.namespace}/${this.device.name}`;
  }

  get #polled(): boolean {
    return this.#options.mapper.delivery === 'poll' && this.#groups.length > 0;
  }

  #modelOf(property: string): PropertyModel {
    const model = this.#models.get(property);
    if (model) return model;
    throw new OctographError('PROPERTY_UNKNOWN', `${this.#name} has no property "${property}"`);
  }

  #call<T>(
    deadlineMs: number,
    what: string,
    call: (session: DeviceSession, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    return withDeadline(
      this.#options.clock,
      deadlineMs,
      what,
      async (signal) => call(await this.#session.get(), signal),
      this.#closing.signal,
    );
  }

  #arm(): void {
    this.#cancelTurn();
    if (this.#closing.signal.aborted || this.#turning) return;
    const { clock } = this.#options;
    const delayMs = this.#polled ? earliest(this.#groups) - clock.monotonic() : 0;
    this.#cancelTurn = clock.setTimer(Math.max(0, delayMs), () => void this.#turn());
  }

  /** One collection of what is due; for an event device, one attempt to open it. */
  async #turn(): Promise<void> {
    const { clock } = this.#options;
    const due = dueGroups(this.#groups, clock.monotonic());
    this.#turning = true;
    try {
      if (!this.#polled) await this.#session.get();
      else if (due.length > 0) {
        const properties = due.flatMap((group) => group.properties);
        const readings = await this.#collect(properties, COLLECT_DEADLINE_MS);
        if (readings.length > 0) this.#setState('online');
      }
      this.#failures = 0;
      for (const group of due) group.dueAt = nextStart(group, clock.monotonic());
      this.#turning = false;
      if (this.#polled) this.#arm();
    } catch (error) {
      this.#turning = false;
      this.#failed(error);
    }
  }

  /** One at a time per device, or an older reading could be reported after a newer one. */
  #collect(properties: string[], deadlineMs: number): Promise<Reading[]> {
    const previous = this.#collecting;
    const collecting = this.#call(deadlineMs, `reading ${this.#name}`, async (session, signal) => {
      await previous;
      signal.throwIfAborted();
      const isFenced = this.#fence.beginCollection();
      const readings = await session.collect(properties, signal);
      signal.throwIfAborted();
      this.#takeIn(readings.filter((reading) => !isFenced(reading.property)));
      return this.#conforming(readings);
    });
    this.#collecting = collecting.catch(() => {});
    return collecting;
  }

  #conforming(readings: readonly Reading[]): Reading[] {
    return readings.flatMap((reading) => {
      const model = this.#models.get(reading.property);
      return model ? [conform(model, reading)] : [];
    });
  }

  #takeIn(readings: readonly Reading[]): void {
    if (this.#closing.signal.aborted) return;
    const { sink, clock, logger } = this.#options;
    const known = readings.filter((reading) => this.#models.has(reading.property));
    const changed = this.#filter.changed(this.#conforming(known));
    // BAD from the mapper is a property that could not be read; BAD from `conform` is one that could.
    const collected = known.filter(({ quality }) => quality !== 'BAD').map(({ property }) => property);
    try {
      if (changed.length > 0) sink.report(this.device, changed);
      this.#filter.markReported(changed);
      if (collected.length > 0) sink.collected(this.device, collected, clock.now());
    } catch (error) {
      logger.error({ device: this.#name, error: messageOf(error) }, 'readings could not be stored');
    }
  }

  /** The device answered a command: it is there, whatever the last cycle said. */
  #answered(): void {
    if (!this.#polled || this.#failures === 0) return;
    this.#failures = 0;
    this.#setState('online');
    for (const group of this.#groups) group.dueAt = this.#options.clock.monotonic();
    this.#arm();
  }

  #failed(error: unknown): void {
    if (this.#closing.signal.aborted) return;
    const { clock, random, logger } = this.#options;
    const state = stateAfter(error);
    if (this.#state?.state !== state)
      logger.warn({ device: this.#name, state, reason: messageOf(error) }, 'device');
    this.#setState(state, messageOf(error));
    if (state === 'unhealthy') return;
    // The hung call goes on in the old session; a new one has a chance.
    if (error instanceof DeadlineError) void this.#session.discard();
    const backoffMs = backoffDelay(this.#failures++, {
      baseMs: RETRY_BASE_MS,
      capMs: RETRY_CAP_MS,
      random,
    });
    for (const group of this.#groups) group.dueAt = clock.monotonic() + Math.max(group.cycleMs, backoffMs);
    if (this.#polled) this.#arm();
    else this.#cancelTurn = clock.setTimer(Math.max(RETRY_BASE_MS, backoffMs), () => void this.#turn());
  }

  #setState(state: DeviceState, reason?: string): void {
    if (this.#closing.signal.aborted) return;
    if (this.#state?.state === state && this.#state.reason === reason) return;
    this.#state = { state, reason };
    this.#options.sink.state(this.device, state, reason);
  }
}

/** MAPPER_CONFIG waits for another configuration; everything else for the device. */
function stateAfter(error: unknown): DeviceState {
  switch (codeOf(error)) {
    case 'MAPPER_CONFIG':
      return 'unhealthy';
    case 'DEVICE_UNREACHABLE':
      return 'disconnected';
    default:
      return 'offline';
  }
}
