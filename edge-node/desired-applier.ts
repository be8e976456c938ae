import { backoffDelay } from '../lib/backoff.ts';
import type { Clock } from '../lib/clock.ts';
import type { Close } from '../lib/disposables.ts';
import { codeOf, messageOf } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import { unmetCondition } from '../twin/desired.ts';
import { sameDesired, type Twin } from '../twin/twin.ts';
import type { TwinValue } from '../twin/value.ts';
import type { TwinRegistry } from './twin-registry.ts';

/** What the applier needs of the mapper host. */
export interface DeviceWriter {
  apply(device: string, property: string, value: TwinValue, deadlineMs: number): Promise<TwinValue>;
}

export interface DesiredApplierOptions {
  registry: TwinRegistry;
  writer: DeviceWriter;
  /** The cloud's wall clock, milliseconds; undefined while the node never heard it since its start. */
  cloudNow: () => number | undefined;
  clock: Clock;
  random: () => number;
  logger: Logger;
  /** Milliseconds that one write with its read-back may take. */
  deadlineMs?: number;
}

/** What is under way for one property: a write, or the wait before the next one. */
interface Job {
  twin: Twin;
  running: boolean;
  cancelRetry: Close;
}

/**
 * Brings desired values to the devices: one write per property at a time, always of the newest value. A device that
 * refuses settles it; one that does not answer is tried again, as long as the value is still desired.
 */
export class DesiredApplier {
  readonly #options: Required<DesiredApplierOptions>;
  readonly #jobs = new Map<string, Job>();
  readonly #unlisten: Close;
  #closed = false;

  constructor(options: DesiredApplierOptions) {
    this.#options = { deadlineMs: 5000, ...options };
    this.#unlisten = options.registry.onChange((twin) => this.#consider(twin));
  }

  /** Takes up what was delivered but not confirmed when the process ended. */
  resume(): void {
    for (const twin of this.#options.registry.all()) this.#consider(twin);
  }

  /** The device answers again: no use in waiting for the backoff. */
  retryDevice(device: string): void {
    for (const twin of this.#options.registry.ofDevice(device)) {
      const job = this.#jobs.get(keyOf(twin));
      if (job?.running) continue;
      job?.cancelRetry();
      this.#jobs.delete(keyOf(twin));
      this.#consider(twin);
    }
  }

  close(): void {
    this.#closed = true;
    this.#unlisten();
    for (const job of this.#jobs.values()) job.cancelRetry();
    this.#jobs.clear();
  }

  #consider(twin: Twin, attempt = 0): void {
    if (this.#closed) return;
    const job = this.#jobs.get(keyOf(twin));
    // A write that runs decides when it ends. While one waits, only another wish is news: a reading is no reason to
    // knock again at a device that does not answer.
    if (job && (job.running || isSameWish(job.twin, twin))) return;
    job?.cancelRetry();
    this.#jobs.delete(keyOf(twin));
    if (this.#isDue(twin) && this.#mayApply(twin)) void this.#run(twin, attempt);
  }

  /** [T20] Expiry and preconditions are judged here, at the last moment before the device is written. */
  #mayApply({ device, property, observedDesired }: Twin): boolean {
    const { registry } = this.#options;
    const { expiresAt, ifReported = [] } = observedDesired ?? {};
    const leftMs = this.#leftMs(expiresAt);
    if (leftMs === undefined) {
      registry.expire(
        device,
        property,
        'it has an end, and the node has not heard the time from the cloud since it started',
      );
      return false;
    }
    if (leftMs <= 0) {
      registry.expire(device, property, `not applied before ${new Date(expiresAt ?? 0).toISOString()}`);
      return false;
    }
    const secret = ifReported.find((condition) => registry.isLocalOnly(device, condition.property));
    // T25: whether it is met would be seen in what becomes of a property that is not local only.
    const unmet =
      secret && !registry.isLocalOnly(device, property)
        ? `precondition: ${secret.property} is local only: it decides of nothing that is seen from outside of its node`
        : unmetCondition(ifReported, (name) => registry.get(device, name)?.reported);
    if (unmet) registry.refuse(device, property, unmet);
    return !unmet;
  }

  /** Milliseconds that a value may still be applied; undefined where nobody can tell. */
  #leftMs(expiresAt: number | undefined): number | undefined {
    if (expiresAt === undefined) return Number.POSITIVE_INFINITY;
    const now = this.#options.cloudNow();
    return now === undefined ? undefined : expiresAt - now;
  }

  #isDue({ device, property, observedDesired, sync }: Twin): boolean {
    const known = this.#options.registry.device(device);
    return sync.state === 'DELIVERED' && observedDesired !== undefined && !!known?.properties.has(property);
  }

  async #run(twin: Twin, attempt: number): Promise<void> {
    const { registry, writer, deadlineMs } = this.#options;
    const { device, property, observedDesired } = twin;
    const key = keyOf(twin);
    this.#jobs.set(key, { twin, running: true, cancelRetry: () => {} });
    const leftMs = this.#leftMs(observedDesired?.expiresAt) ?? 0;
    const outcome = await attemptOf(() =>
      writer.apply(device, property, observedDesired?.value ?? null, Math.min(deadlineMs, leftMs)),
    );
    this.#jobs.delete(key);
    if (this.#closed) return;
    const now = registry.get(device, property);
    if (!now) return;
    // Another value became desired while this one was written, or the device was created again: what was said of the
    // old one decides nothing.
    if (!isSameWish(now, twin)) return this.#consider(now);
    switch (outcome.kind) {
      case 'applied':
        if (outcome.value === null)
          registry.refuse(device, property, 'the device answered with no value of its type');
        else registry.confirm(device, property, outcome.value);
        return;
      case 'refused':
        registry.refuse(device, property, outcome.reason);
        return;
      case 'unreachable':
        this.#retryLater(now, attempt, outcome.reason);
    }
  }

  #retryLater(twin: Twin, attempt: number, reason: string): void {
    const { clock, random, logger } = this.#options;
    const backoffMs = 200 + backoffDelay(attempt, { baseMs: 500, capMs: 30_000, random });
    const delayMs = Math.max(0, Math.min(backoffMs, this.#leftMs(twin.observedDesired?.expiresAt) ?? 0));
    logger.debug(
      { device: twin.device, property: twin.property, reason, delayMs },
      'desired value not applied yet',
    );
    const cancelRetry = clock.setTimer(delayMs, () => {
      this.#jobs.delete(keyOf(twin));
      const now = this.#options.registry.get(twin.device, twin.property);
      if (now) this.#consider(now, attempt + 1);
    });
    this.#jobs.set(keyOf(twin), { twin, running: false, cancelRetry });
  }
}

type Outcome =
  | { kind: 'applied'; value: TwinValue }
  | { kind: 'refused'; reason: string }
  | { kind: 'unreachable'; reason: string };

async function attemptOf(apply: () => Promise<TwinValue>): Promise<Outcome> {
  try {
    return { kind: 'applied', value: await apply() };
  } catch (error) {
    const reason = messageOf(error);
    return codeOf(error) === 'DEVICE_REFUSED' ? { kind: 'refused', reason } : { kind: 'unreachable', reason };
  }
}

const keyOf = ({ device, property }: Twin) => `${device}/${property}`;

/** The same device still wants the same: nothing new to write. */
const isSameWish = (a: Twin, b: Twin) =>
  a.uid === b.uid && a.sync.state === b.sync.state && sameDesired(a.observedDesired, b.observedDesired);
