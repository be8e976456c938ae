import type { History, HistoryRange } from '../../twin/history.ts';
import type { Reported, Twin } from '../../twin/twin.ts';
import type { Chunk, Point } from './chunk.ts';
import { decodeJournal, encodeJournal, type SeriesPoint } from './journal.ts';
import { readHistory } from './read.ts';
import { type Retention, retain } from './retention.ts';
import { SAME_COLLECTION_MS, Series } from './series.ts';
import type { HistoryTable, SeriesRow } from './table.ts';

/** Journal bytes that make it time to bring the chunks to disk. */
const ROUND_BYTES = 2 * 1024 * 1024;
/** Milliseconds after which it is time, however little there is: a crash takes back that much of "seen again". */
const ROUND_MS = 60_000;
/** Series written in one commit. */
const SERIES_PER_COMMIT = 50;
/** Characters. Longer text is told as too long: history is for what can be drawn, or read at a glance. */
const TEXT_LIMIT = 1024;

/** Series whose chunks are on their way to the table, and the journal record up to which they make it needless. */
interface Round {
  queue: Series[];
  upTo: number;
}

/** What `write` put into the transaction, to be taken over once it is on disk. */
interface Pending {
  points: readonly SeriesPoint[];
  journalId: number;
  bytes: number;
  stored: Series[];
  endsRound: boolean;
}

/**
 * [S10] What the properties of this node were. A commit's readings are one journal record, in the transaction of their twins; in
 * memory each goes into its property's chunk. From time to time the chunks that grew are stored, some with each commit, and
 * the journal begins anew. The store calls `write` within its transaction, and `written` when that is on disk.
 */
export class HistoryRing {
  readonly #table: HistoryTable;
  readonly #retention: Retention;
  /** By device and property, of the devices that something was asked of: a node has more series than it uses in its first second. */
  readonly #byName = new Map<string, Map<string, Series>>();
  readonly #byId = new Map<number, Series>();
  /** Devices of which something is gone that may be in the table still: what is there is not theirs any more. */
  readonly #forgotten = new Set<string>();
  /** Series that are in memory only. */
  readonly #new = new Set<Series>();
  /** The reading that was put last: the twin bears it again when something else of it changes. */
  readonly #lastPut = new WeakMap<Series, Reported>();
  #dirty = new Set<Series>();
  #lastSeriesId = 0;
  #lastChunkId: number;
  #lastJournalId = 0;
  #journalBytes = 0;
  #roundEndedAt: number;
  #round: Round | undefined;
  #pending: Pending | undefined;
  /** Series that lost readings while the history was stopped, and since when. */
  #missed: Map<Series, number> | undefined;

  /** @param now monotonic, milliseconds */
  constructor(table: HistoryTable, retention: Retention, now: number) {
    this.#table = table;
    this.#retention = retention;
    this.#roundEndedAt = now;
    this.#lastChunkId = table.lastChunkId();
    const last = table.lastSeries();
    this.#lastSeriesId = last.id;
    this.#lastJournalId = last.applied;
    for (const { id, bytes } of table.journal()) this.#replay(id, bytes);
  }

  /** The point that the twin's reading is, unless it was one already. */
  pointOf(twin: Twin): SeriesPoint | undefined {
    const { reported } = twin;
    if (!reported || this.#retention.maxAgeMs === 0) return undefined;
    const series = this.#seriesOf(twin);
    if (this.#lastPut.get(series) === reported) return undefined;
    this.#lastPut.set(series, reported);
    return { series: series.row.id, point: toPoint(reported, reported.observedAt) };
  }

  /**
   * [S11] The property was read again at `at` and says what the twin says. @returns the point that this is where the value had
   * not been seen for more than `gapMs`
   */
  hold(twin: Twin, at: number, gapMs: number): SeriesPoint | undefined {
    if (!twin.reported || this.#retention.maxAgeMs === 0) return undefined;
    // The collection that the reading came from: it may wait for its commit still.
    if (at - twin.reported.observedAt < SAME_COLLECTION_MS) return undefined;
    const series = this.#seriesOf(twin);
    const point = toPoint(twin.reported, at);
    if (!series.hold(point, gapMs)) return { series: series.row.id, point };
    this.#dirty.add(series);
    return undefined;
  }

  /** [S11] Nothing is known of the device's properties from `at` on. */
  breaks(device: string, at: number, reason: string): SeriesPoint[] {
    const point: Point = { at: Math.round(at), value: null, quality: 'BAD', raw: reason };
    return Array.from(this.#ofDevice(device).values(), ({ row }) => ({ series: row.id, point }));
  }

  /** Forgets a device, or one property of it. @returns the ids of the series, which the caller removes from the table */
  forget(device: string, property?: string): number[] {
    const known = this.#ofDevice(device);
    const gone = property === undefined ? [...known.values()] : [known.get(property) ?? []].flat();
    this.#forgotten.add(device);
    for (const series of gone) {
      known.delete(series.row.property);
      this.#byId.delete(series.row.id);
      this.#dirty.delete(series);
      this.#new.delete(series);
    }
    return gone.map(({ row }) => row.id);
  }

  /** Chunks wait to be stored, and it is time. */
  isDue(now: number): boolean {
    return this.#round !== undefined || (this.#dirty.size > 0 && now - this.#roundEndedAt >= ROUND_MS);
  }

  /** Within the transaction. @param now wall clock and monotonic, milliseconds */
  write(points: readonly SeriesPoint[], now: { wall: number; monotonic: number }): void {
    const known = points.filter(({ series }) => this.#byId.has(series));
    const journalId = this.#lastJournalId + 1;
    const bytes = this.#missed || known.length === 0 ? undefined : encodeJournal(known);
    if (bytes) {
      for (const series of this.#new) this.#table.putSeries(series.row);
      this.#table.addJournal({ id: journalId, bytes });
    }
    if (!this.#round && (this.#journalBytes >= ROUND_BYTES || this.isDue(now.monotonic))) this.#beginRound();
    const stored = this.#round?.queue.slice(0, SERIES_PER_COMMIT) ?? [];
    const endsRound = this.#round !== undefined && stored.length === this.#round.queue.length;
    if (!this.#missed) {
      for (const series of stored) this.#store(series);
      if (endsRound && this.#round) {
        this.#table.removeJournal(this.#round.upTo);
        retain(this.#table, this.#retention, now.wall);
      }
    }
    this.#pending = { points: known, journalId, bytes: bytes?.length ?? 0, stored, endsRound };
  }

  /** What `write` put is on disk. @param now monotonic, milliseconds */
  written(now: number): void {
    const pending = this.#pending;
    if (!pending) return;
    this.#pending = undefined;
    if (this.#missed) {
      this.#miss(pending.points, this.#missed);
      return;
    }
    if (pending.bytes > 0) {
      this.#new.clear();
      this.#lastJournalId = pending.journalId;
      this.#journalBytes += pending.bytes;
    }
    for (const series of pending.stored) {
      series.saved();
      series.row.applied = pending.journalId - 1;
      if (!this.#dirty.has(series)) series.unload();
    }
    this.#round?.queue.splice(0, pending.stored.length);
    if (pending.endsRound) {
      this.#round = undefined;
      this.#roundEndedAt = now;
      this.#letGo();
    }
    for (const { series: id, point } of pending.points) this.#append(id, point);
  }

  read(device: string, property: string, range: HistoryRange): History {
    const series = this.#ofDevice(device).get(property);
    return readHistory(series ? this.#chunks(series, range) : [], range);
  }

  get isStopped(): boolean {
    return this.#missed !== undefined;
  }

  /** [S12] No more history until `resume`: the disk has no room for it. */
  stop(): void {
    this.#missed ??= new Map();
  }

  /** @returns the points that say of each property that lost readings from when on nothing is known */
  resume(): SeriesPoint[] {
    const missed = this.#missed ?? new Map<Series, number>();
    this.#missed = undefined;
    return Array.from(missed, ([series, at]) => ({
      series: series.row.id,
      point: { at, value: null, quality: 'BAD' as const, raw: 'the disk was full' },
    }));
  }

  /** Within the transaction: everything that waits, so that the next start has nothing to replay. */
  writeAll(): void {
    if (this.#missed) return;
    for (const series of this.#new) this.#table.putSeries(series.row);
    for (const series of new Set([...(this.#round?.queue ?? []), ...this.#dirty])) this.#store(series);
    this.#table.removeJournal(this.#lastJournalId);
  }

  #miss(points: readonly SeriesPoint[], missed: Map<Series, number>): void {
    for (const { series: id, point } of points) {
      const series = this.#byId.get(id);
      if (series && !missed.has(series)) missed.set(series, point.at);
    }
  }

  #beginRound(): void {
    this.#round = { queue: [...this.#dirty], upTo: this.#lastJournalId };
    this.#dirty = new Set();
    this.#journalBytes = 0;
  }

  /** Devices that have nothing left, here or in the table. */
  #letGo(): void {
    for (const device of this.#forgotten) {
      const isEmpty = this.#byName.get(device)?.size === 0;
      if (isEmpty && this.#table.seriesOf(device).length > 0) continue;
      if (isEmpty) this.#byName.delete(device);
      this.#forgotten.delete(device);
    }
  }

  #store(series: Series): void {
    if (this.#byId.get(series.row.id) !== series) return;
    for (const chunk of series.unsaved()) this.#table.putChunk(chunk);
    this.#table.putSeries({ ...series.row, applied: this.#lastJournalId });
  }

  #append(id: number, point: Point): void {
    const series = this.#byId.get(id);
    if (!series) return;
    series.append(point);
    this.#dirty.add(series);
  }

  #replay(id: number, bytes: Uint8Array): void {
    this.#lastJournalId = Math.max(this.#lastJournalId, id);
    this.#journalBytes += bytes.length;
    for (const { series: seriesId, point } of decodeJournal(bytes)) {
      // A series may be gone whose points are here still: its id must not name another.
      this.#lastSeriesId = Math.max(this.#lastSeriesId, seriesId);
      const device = this.#byId.has(seriesId) ? undefined : this.#table.deviceOf(seriesId);
      if (device !== undefined) this.#ofDevice(device);
      const series = this.#byId.get(seriesId);
      if (series && series.row.applied < id) this.#append(seriesId, point);
    }
  }

  #chunks(series: Series, { from, to }: HistoryRange): Chunk[] {
    const unsaved = series.unsaved();
    const ids = new Set(unsaved.map(({ id }) => id));
    const stored = this.#table.chunks(series.row.id, from, to).filter(({ id }) => !ids.has(id));
    return [...stored, ...unsaved].sort((a, b) => a.fromAt - b.fromAt);
  }

  #seriesOf({ device, property }: Twin): Series {
    const ofDevice = this.#ofDevice(device);
    const known = ofDevice.get(property);
    if (known) return known;
    const series = this.#open({ id: ++this.#lastSeriesId, device, property, applied: 0 });
    ofDevice.set(property, series);
    this.#new.add(series);
    return series;
  }

  #ofDevice(device: string): Map<string, Series> {
    const known = this.#byName.get(device);
    if (known) return known;
    const rows = this.#table.seriesOf(device);
    const series = new Map(rows.map((row) => [row.property, this.#open(row)]));
    this.#byName.set(device, series);
    return series;
  }

  #open(row: SeriesRow): Series {
    const series = new Series(
      row,
      () => ++this.#lastChunkId,
      () => this.#table.newestChunk(row.id),
    );
    this.#byId.set(row.id, series);
    return series;
  }
}

function toPoint({ value, quality, raw }: Reported, at: number): Point {
  const point: Point = { at: Math.round(at), value, quality };
  if (typeof value === 'string' && value.length > TEXT_LIMIT) {
    return {
      ...point,
      value: null,
      quality: 'BAD',
      raw: `${value.length} characters: too long for the history`,
    };
  }
  return raw === undefined ? point : { ...point, raw: raw.slice(0, TEXT_LIMIT) };
}
