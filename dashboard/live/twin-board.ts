import type { TwinFieldsFragment } from '../../schema/generated/dashboard/graphql.ts';
import type { Heard } from '../state/freshness.ts';
import { sparklinePath, Trail } from '../state/sparkline.ts';
import { FrameBatch, type Frames } from './frame-batch.ts';
import { type DeviceRef, deviceKey, twinKey } from './keys.ts';
import { Listeners } from './listeners.ts';

/** One property as it is drawn. Immutable: a new object per draw. */
export interface BoardTwin {
  twin: TwinFieldsFragment;
  heard: Heard;
  /** SVG path of its last minute; empty where there is none. */
  sparkline: string;
}

/** The box that sparklines are drawn in. */
export const SPARKLINE = { width: 44, height: 16 };

/**
 * The twins that the page follows, drawn at most five times a second whatever comes in. What arrives between two draws
 * replaces what arrived before, so memory is bounded by the twins themselves.
 */
export class TwinBoard {
  /** As drawn, by device and then by property in the order of their arrival. */
  readonly #shown = new Map<string, Map<string, BoardTwin>>();
  /** Arrived since the last draw, by twin key. */
  readonly #waiting = new Map<string, { device: DeviceRef; twin: TwinFieldsFragment; heard: Heard }>();
  readonly #trails = new Map<string, Trail>();
  readonly #listeners = new Listeners();
  readonly #batch: FrameBatch;
  readonly #now: () => number;
  #isPaused = false;

  constructor(frames: Frames) {
    this.#batch = new FrameBatch(frames, () => this.#draw());
    this.#now = () => frames.now();
  }

  /** What a server said of one property. */
  put(device: DeviceRef, twin: TwinFieldsFragment): void {
    const key = twinKey(device, twin.property);
    const now = this.#now();
    const value = twin.reported?.value;
    if (typeof value === 'number' || typeof value === 'boolean') this.#trail(key).push(Number(value), now);
    this.#wait(key, { device, twin, heard: { freshness: twin.freshness, at: now } });
  }

  /** What a server said of a value that did not change; nothing for one that is not followed. */
  refresh(device: DeviceRef, property: string, freshness: Heard['freshness']): void {
    const key = twinKey(device, property);
    const known = this.#waiting.get(key)?.twin ?? this.twin(device, property)?.twin;
    if (!known) return;
    const now = this.#now();
    const value = known.reported?.value;
    if (!freshness.stale && (typeof value === 'number' || typeof value === 'boolean'))
      this.#trail(key).push(Number(value), now);
    this.#wait(key, { device, twin: { ...known, freshness }, heard: { freshness, at: now } });
  }

  /** Drops what is not among `keep`: a snapshot told all that there is. */
  keepOnly(device: DeviceRef, keep: ReadonlySet<string>): void {
    for (const property of this.#told(device)) if (!keep.has(property)) this.remove(device, property);
  }

  remove(device: DeviceRef, property: string): void {
    const key = twinKey(device, property);
    this.#waiting.delete(key);
    this.#trails.delete(key);
    if (this.#shown.get(deviceKey(device))?.delete(property)) this.#listeners.tell(deviceKey(device));
  }

  /** Ends following a device. */
  forget(device: DeviceRef): void {
    for (const property of this.#told(device)) this.remove(device, property);
    this.#shown.delete(deviceKey(device));
  }

  twin(device: DeviceRef, property: string): BoardTwin | undefined {
    return this.#shown.get(deviceKey(device))?.get(property);
  }

  /** A new array only when a property came or went is not promised: compare its contents. */
  properties(device: DeviceRef): string[] {
    return [...(this.#shown.get(deviceKey(device))?.keys() ?? [])];
  }

  /** Called after a draw that changed the twin, or, for a device's key, its list of properties. */
  watch(key: string, listener: () => void): () => void {
    return this.#listeners.watch(key, listener);
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Everything goes on but the drawing. */
  setPaused(paused: boolean): void {
    this.#isPaused = paused;
    if (!paused) this.#batch.request();
  }

  #wait(key: string, entry: { device: DeviceRef; twin: TwinFieldsFragment; heard: Heard }): void {
    this.#waiting.set(key, entry);
    if (!this.#isPaused) this.#batch.request();
  }

  #draw(): number {
    if (this.#isPaused) return 0;
    const entries = [...this.#waiting];
    this.#waiting.clear();
    for (const [key, { device, twin, heard }] of entries) {
      const name = deviceKey(device);
      const shown = this.#shown.get(name) ?? new Map<string, BoardTwin>();
      this.#shown.set(name, shown);
      const isNew = !shown.has(twin.property);
      const trail = this.#trails.get(key);
      const sparkline = trail ? sparklinePath(trail.samples, SPARKLINE.width, SPARKLINE.height) : '';
      shown.set(twin.property, { twin, heard, sparkline });
      if (isNew) this.#listeners.tell(name);
      this.#listeners.tell(key);
    }
    return entries.length;
  }

  /** Properties of a device that are drawn or wait to be: while the page is hidden or paused, nothing is drawn. */
  #told(device: DeviceRef): Set<string> {
    const name = deviceKey(device);
    const waiting = [...this.#waiting.values()].filter((entry) => deviceKey(entry.device) === name);
    return new Set([...this.properties(device), ...waiting.map(({ twin }) => twin.property)]);
  }

  #trail(key: string): Trail {
    const trail = this.#trails.get(key) ?? new Trail();
    this.#trails.set(key, trail);
    return trail;
  }
}
