import type { HistoryEntry } from '../../twin/history.ts';
import { sameValue } from '../../twin/twin.ts';
import { type Chunk, ChunkWriter, type Point } from './chunk.ts';
import type { ChunkRow, SeriesRow } from './table.ts';

/** A chunk with its row fills one page of the database. */
const CHUNK_BYTES = 3900;
/** Milliseconds between two entries of one chunk at most: a clock that jumps begins another, so that ranges stay narrow. */
const STEP_LIMIT_MS = 86_400_000;
/** Milliseconds that one collection takes to be told: what is seen again that soon is the same reading. */
export const SAME_COLLECTION_MS = 100;

/** One property's history in the making: the chunk that grows, and those that are full and not stored yet. */
export class Series {
  readonly row: SeriesRow;
  readonly #nextChunkId: () => number;
  readonly #newest: () => ChunkRow | undefined;
  #isLoaded = false;
  #full: ChunkRow[] = [];
  #open: { id: number; writer: ChunkWriter } | undefined;
  #last: HistoryEntry | undefined;

  /** @param newest what the table has of it; asked for at the first use */
  constructor(row: SeriesRow, nextChunkId: () => number, newest: () => ChunkRow | undefined) {
    this.row = row;
    this.#nextChunkId = nextChunkId;
    this.#newest = newest;
  }

  append(point: Point): void {
    const { at } = point;
    this.#load();
    // A point that is here already comes again after a restart, with the twin that bears it.
    if (this.#last && this.#last.at === at && isSame(this.#last, point)) return;
    const isFull =
      this.#open &&
      (this.#open.writer.length >= CHUNK_BYTES || Math.abs(at - this.#open.writer.lastAt) > STEP_LIMIT_MS);
    if (isFull) this.#seal();
    this.#open ??= { id: this.#nextChunkId(), writer: new ChunkWriter() };
    this.#open.writer.append(point);
    this.#last = { ...point, until: at };
  }

  /**
   * The property was read again and is what `point` says. @returns false where that is a new entry: another value, or the
   * same one after a silence of more than `gapMs`
   */
  hold(point: Point, gapMs: number): boolean {
    this.#load();
    const last = this.#last;
    if (!last || !isSame(last, point) || point.at - last.until > gapMs || point.at < last.at) return false;
    if (point.at - last.until < SAME_COLLECTION_MS) return true;
    last.until = point.at;
    this.#open?.writer.hold(point.at);
    return true;
  }

  /** What the table does not hold yet, or not as it is now. */
  unsaved(): ChunkRow[] {
    const open = this.#open && this.#rowOf(this.#open.id, this.#open.writer.toChunk());
    return open ? [...this.#full, open] : [...this.#full];
  }

  saved(): void {
    this.#full = [];
  }

  /** Everything is in the table: the memory goes, and the next use reads it from there, unless it was let go meanwhile. */
  unload(): void {
    this.#isLoaded = false;
    this.#open = undefined;
    this.#last = undefined;
  }

  #seal(): void {
    if (!this.#open) return;
    this.#full.push(this.#rowOf(this.#open.id, this.#open.writer.toChunk()));
    this.#open = undefined;
  }

  #load(): void {
    if (this.#isLoaded) return;
    this.#isLoaded = true;
    const newest = this.#newest();
    if (!newest) return;
    const writer = ChunkWriter.resume(newest, (entry) => {
      this.#last = entry;
    });
    this.#open = { id: newest.id, writer };
  }

  #rowOf(id: number, chunk: Chunk): ChunkRow {
    return { ...chunk, id, series: this.row.id };
  }
}

const isSame = (a: Point, b: Point) =>
  sameValue(a.value, b.value) && a.quality === b.quality && a.raw === b.raw;
