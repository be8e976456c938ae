import type { Chunk } from './chunk.ts';

/** One property's history. Its id is never used again. */
export interface SeriesRow {
  id: number;
  device: string;
  property: string;
  /** The last journal record that its chunks hold. */
  applied: number;
}

export interface ChunkRow extends Chunk {
  /** Grows with each chunk of the store. */
  id: number;
  series: number;
}

export interface JournalRow {
  id: number;
  bytes: Uint8Array;
}

/** Where history lies. Everything that writes runs inside the store's transaction. */
export interface HistoryTable {
  /** The highest id, and the last journal record that chunks of any hold; 0 where there are none. */
  lastSeries(): { id: number; applied: number };
  seriesOf(device: string): SeriesRow[];
  deviceOf(series: number): string | undefined;
  putSeries(row: SeriesRow): void;
  /** With its chunks. */
  removeSeries(id: number): void;
  /** Puts a chunk, or the same one grown. */
  putChunk(row: ChunkRow): void;
  lastChunkId(): number;
  newestChunk(series: number): ChunkRow | undefined;
  /** Chunks that speak of the range, and the last one before it; by their beginning. Wall clock, milliseconds. */
  chunks(series: number, from: number, to: number): ChunkRow[];
  addJournal(row: JournalRow): void;
  journal(): JournalRow[];
  removeJournal(upToId: number): void;
  /** Bytes of all chunks. */
  bytes(): number;
  /** Removes chunks that end before `at`, the oldest first, at most this part of all (and at least one). */
  removeBefore(at: number, part: number): void;
  /** Bytes per series, the largest first. */
  sizes(): Array<{ series: number; bytes: number }>;
  /** @returns the bytes of the oldest chunk of the series, which is gone; 0 where there is none */
  removeOldest(series: number): number;
}
