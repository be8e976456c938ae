import type { Clock } from '../lib/clock.ts';
import type { Close } from '../lib/disposables.ts';
import { type Change, type ChangeProgress, type ChangeRecord, isSeen, progressOf } from '../twin/change.ts';
import type { ChangeBook, DeviceKey, TwinReader } from './context.ts';

/** Where changes are kept; a store of `store/` fits. */
export interface ChangeStore {
  putChange(record: ChangeRecord): void;
  change(id: string): ChangeRecord | undefined;
  changeByKey(principal: string, key: string): ChangeRecord | undefined;
  durable(): Promise<void>;
}

export interface ChangeTrackerOptions {
  store: ChangeStore;
  twins: Pick<TwinReader, 'known' | 'onChange'>;
  /** The device's key; null where it is gone. */
  deviceOf(change: Change): DeviceKey | null;
  clock: Clock;
}

interface Tracked {
  record: ChangeRecord;
  listeners: Set<() => void>;
  unlisten: Close;
}

/** Changes followed at once; beyond it the oldest are found out again when somebody asks for them. */
const TRACKED = 10_000;

/**
 * Follows accepted changes to their end and keeps how far they got. It has to look while they go: a change that was
 * REPORTED and then replaced by another is REPORTED for ever, which nobody could tell afterwards.
 */
export class ChangeTracker implements ChangeBook {
  readonly #options: ChangeTrackerOptions;
  readonly #tracked = new Map<string, Tracked>();

  constructor(options: ChangeTrackerOptions) {
    this.#options = options;
  }

  async accepted(change: Change, idempotencyKey?: string): Promise<void> {
    const results = change.values.map(({ property }) => ({ property, state: 'ACCEPTED' as const }));
    const record: ChangeRecord = { change, progress: { state: 'ACCEPTED', results }, idempotencyKey };
    this.#track(record);
    this.#options.store.putChange(this.#tracked.get(change.id)?.record ?? record);
    await this.#options.store.durable();
  }

  find(id: string): ChangeRecord | undefined {
    const known = this.#tracked.get(id)?.record ?? this.#options.store.change(id);
    if (!known || isEnd(known.progress.state)) return known;
    // Not followed since a restart: take it up, and look where it stands.
    if (!this.#tracked.has(id)) this.#track(known);
    return this.#tracked.get(id)?.record ?? this.#options.store.change(id);
  }

  findByKey(principal: string, key: string): ChangeRecord | undefined {
    const known = this.#options.store.changeByKey(principal, key);
    return known && this.find(known.change.id);
  }

  durable(): Promise<void> {
    return this.#options.store.durable();
  }

  onProgress(id: string, listener: () => void): Close {
    const tracked = this.#tracked.get(id);
    tracked?.listeners.add(listener);
    return () => tracked?.listeners.delete(listener);
  }

  close(): void {
    for (const { unlisten } of this.#tracked.values()) unlisten();
    this.#tracked.clear();
  }

  #track(record: ChangeRecord): void {
    const { twins, deviceOf } = this.#options;
    const { id } = record.change;
    const device = deviceOf(record.change);
    if (!device) return;
    const unlisten = twins.onChange(device, () => this.#look(id, device));
    this.#tracked.set(id, { record, listeners: new Set(), unlisten });
    if (this.#tracked.size > TRACKED) this.#forget(this.#tracked.keys().next().value as string);
    this.#look(id, device);
  }

  #look(id: string, device: DeviceKey): void {
    const tracked = this.#tracked.get(id);
    if (!tracked) return;
    const { change, progress } = tracked.record;
    const views = this.#options.twins.known(device) ?? [];
    // It was accepted, so it stood there once: what stands there now in its place came later.
    const next = progressOf(change, views, progress.state !== 'ACCEPTED' || isSeen(change, views));
    if (sameProgress(next, progress)) return;
    tracked.record = {
      ...tracked.record,
      progress: next,
      settledAt: isEnd(next.state) ? this.#options.clock.now() : undefined,
    };
    this.#options.store.putChange(tracked.record);
    if (isEnd(next.state)) this.#forget(id);
    for (const listener of [...tracked.listeners]) listener();
  }

  #forget(id: string): void {
    this.#tracked.get(id)?.unlisten();
    this.#tracked.delete(id);
  }
}

export const isEnd = (state: ChangeProgress['state']): boolean =>
  state !== 'ACCEPTED' && state !== 'DELIVERED';

const sameProgress = (a: ChangeProgress, b: ChangeProgress) =>
  a.state === b.state && a.results.every((result, index) => result.state === b.results[index]?.state);
