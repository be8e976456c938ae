import type { Database } from 'better-sqlite3';
import type { ChunkRow, HistoryTable, JournalRow, SeriesRow } from '../history/table.ts';
import { sealBytes, unsealBytes } from './seal.ts';

export class SqliteHistoryTable implements HistoryTable {
  readonly #statements: ReturnType<typeof prepare>;

  constructor(db: Database) {
    this.#statements = prepare(db);
  }

  lastSeries = () => this.#statements.lastSeries.get() as { id: number; applied: number };

  seriesOf = (device: string) => this.#statements.seriesOf.all(device) as SeriesRow[];

  deviceOf = (series: number) =>
    (this.#statements.deviceOf.get(series) as { device: string } | undefined)?.device;

  putSeries({ id, device, property, applied }: SeriesRow): void {
    this.#statements.putSeries.run(id, device, property, applied);
  }

  removeSeries(id: number): void {
    this.#statements.removeChunks.run(id);
    this.#statements.removeSeries.run(id);
  }

  putChunk({ id, series, fromAt, toAt, heldMs, count, bytes }: ChunkRow): void {
    const sealed = sealBytes(bytes);
    this.#statements.putChunk.run(id, series, fromAt, toAt, heldMs, count, sealed.length, sealed);
  }

  lastChunkId = () => (this.#statements.lastChunk.get() as { id: number | null }).id ?? 0;

  newestChunk = (series: number) => intact([this.#statements.newest.get(series) as ChunkRow | undefined])[0];

  chunks = (series: number, from: number, to: number) =>
    intact(this.#statements.chunks.all({ series, from, to }) as ChunkRow[]);

  addJournal({ id, bytes }: JournalRow): void {
    this.#statements.addJournal.run(id, sealBytes(bytes));
  }

  journal = () => intact(this.#statements.journal.all() as JournalRow[]);

  removeJournal(upToId: number): void {
    this.#statements.removeJournal.run(upToId);
  }

  bytes = () => (this.#statements.bytes.get() as { bytes: number }).bytes;

  removeBefore(at: number, part: number): void {
    const { count } = this.#statements.count.get() as { count: number };
    this.#statements.removeBefore.run(at, Math.ceil(count * part));
  }

  sizes = () => this.#statements.sizes.all() as Array<{ series: number; bytes: number }>;

  removeOldest(series: number): number {
    return (this.#statements.removeOldest.get(series) as { size: number } | undefined)?.size ?? 0;
  }
}

/** History that fails its checksum is a gap: what is left of it is worth more than a store that does not start. */
function intact<Row extends { bytes: Uint8Array }>(rows: ReadonlyArray<Row | undefined>): Row[] {
  const good: Row[] = [];
  for (const row of rows) {
    const bytes = row && unsealBytes(row.bytes);
    if (bytes) good.push({ ...row, bytes });
  }
  return good;
}

const CHUNK_COLUMNS = 'id, series, from_at AS fromAt, to_at AS toAt, held_ms AS heldMs, count, bytes';

function prepare(db: Database) {
  return {
    lastSeries: db.prepare(
      'SELECT coalesce(max(id), 0) AS id, coalesce(max(applied), 0) AS applied FROM series',
    ),
    seriesOf: db.prepare('SELECT id, device, property, applied FROM series WHERE device = ?'),
    deviceOf: db.prepare('SELECT device FROM series WHERE id = ?'),
    putSeries: db.prepare(
      `INSERT INTO series (id, device, property, applied) VALUES (?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET applied = excluded.applied`,
    ),
    removeSeries: db.prepare('DELETE FROM series WHERE id = ?'),
    removeChunks: db.prepare('DELETE FROM chunk WHERE series = ?'),
    putChunk: db.prepare(
      `INSERT OR REPLACE INTO chunk (id, series, from_at, to_at, held_ms, count, size, bytes)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    lastChunk: db.prepare('SELECT max(id) AS id FROM chunk'),
    newest: db.prepare(`SELECT ${CHUNK_COLUMNS} FROM chunk WHERE series = ? ORDER BY id DESC LIMIT 1`),
    chunks: db.prepare(
      `SELECT ${CHUNK_COLUMNS} FROM chunk WHERE series = @series AND from_at <= @to AND to_at >= coalesce(
         (SELECT max(to_at) FROM chunk WHERE series = @series AND to_at <= @from), @from)
       ORDER BY from_at, id`,
    ),
    addJournal: db.prepare('INSERT OR REPLACE INTO journal (id, bytes) VALUES (?, ?)'),
    journal: db.prepare('SELECT id, bytes FROM journal ORDER BY id'),
    removeJournal: db.prepare('DELETE FROM journal WHERE id <= ?'),
    bytes: db.prepare('SELECT coalesce(sum(size), 0) AS bytes FROM chunk'),
    count: db.prepare('SELECT count(*) AS count FROM chunk'),
    removeBefore: db.prepare(
      'DELETE FROM chunk WHERE id IN (SELECT id FROM chunk WHERE to_at < ? ORDER BY to_at LIMIT ?)',
    ),
    sizes: db.prepare('SELECT series, sum(size) AS bytes FROM chunk GROUP BY series'),
    removeOldest: db.prepare(
      `DELETE FROM chunk WHERE id = (SELECT id FROM chunk WHERE series = ? ORDER BY to_at LIMIT 1) RETURNING size`,
    ),
  };
}
