import type { ChunkRow, HistoryTable, JournalRow, SeriesRow } from '../history/table.ts';

export class MemoryHistoryTable implements HistoryTable {
  readonly #series = new Map<number, SeriesRow>();
  readonly #chunks = new Map<number, ChunkRow>();
  #journal: JournalRow[] = [];

  lastSeries(): { id: number; applied: number } {
    const rows = [...this.#series.values()];
    const last = (of: (row: SeriesRow) => number) => Math.max(0, ...rows.map(of));
    return { id: last(({ id }) => id), applied: last(({ applied }) => applied) };
  }

  seriesOf(device: string): SeriesRow[] {
    const rows = [...this.#series.values()].filter((row) => row.device === device);
    return rows.map((row) => ({ ...row }));
  }

  deviceOf = (series: number) => this.#series.get(series)?.device;

  putSeries(row: SeriesRow): void {
    this.#series.set(row.id, { ...row });
  }

  removeSeries(id: number): void {
    this.#series.delete(id);
    for (const chunk of this.#of(id)) this.#chunks.delete(chunk.id);
  }

  putChunk(row: ChunkRow): void {
    this.#chunks.set(row.id, row);
  }

  lastChunkId = () => Math.max(0, ...this.#chunks.keys());

  newestChunk = (series: number) => this.#of(series).sort((a, b) => b.id - a.id)[0];

  chunks(series: number, from: number, to: number): ChunkRow[] {
    const all = this.#of(series);
    const before = Math.max(...all.filter(({ toAt }) => toAt <= from).map(({ toAt }) => toAt));
    return all
      .filter(({ fromAt, toAt }) => fromAt <= to && toAt >= (Number.isFinite(before) ? before : from))
      .sort((a, b) => a.fromAt - b.fromAt || a.id - b.id);
  }

  addJournal(row: JournalRow): void {
    this.#journal.push(row);
  }

  journal = () => [...this.#journal];

  removeJournal(upToId: number): void {
    this.#journal = this.#journal.filter(({ id }) => id > upToId);
  }

  bytes(): number {
    return this.sizes().reduce((sum, { bytes }) => sum + bytes, 0);
  }

  removeBefore(at: number, part: number): void {
    const old = [...this.#chunks.values()].filter(({ toAt }) => toAt < at).sort((a, b) => a.toAt - b.toAt);
    for (const { id } of old.slice(0, Math.ceil(this.#chunks.size * part))) this.#chunks.delete(id);
  }

  sizes(): Array<{ series: number; bytes: number }> {
    const sums = new Map<number, number>();
    for (const { series, bytes } of this.#chunks.values()) {
      sums.set(series, (sums.get(series) ?? 0) + bytes.length);
    }
    return Array.from(sums, ([series, bytes]) => ({ series, bytes }));
  }

  removeOldest(series: number): number {
    const oldest = this.#of(series).sort((a, b) => a.toAt - b.toAt)[0];
    if (!oldest) return 0;
    this.#chunks.delete(oldest.id);
    return oldest.bytes.length;
  }

  #of(series: number): ChunkRow[] {
    return [...this.#chunks.values()].filter((chunk) => chunk.series === series);
  }
}
