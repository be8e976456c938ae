import type { Database } from 'better-sqlite3';
import { OctographError } from '../../lib/errors.ts';
import type { Twin } from '../../twin/twin.ts';
import type { OnItsWay, OutboxTable, OutboxTotals } from '../tables.ts';
import { seal, unseal } from './seal.ts';

/** Rows looked at in one go while the oldest are coalesced away. */
const COALESCE_ROWS = 1000;

interface SupersededRow {
  seq: number;
  bytes: number;
}

export class SqliteOutbox implements OutboxTable {
  readonly #statements: ReturnType<typeof prepare>;
  #totals: OutboxTotals;

  constructor(db: Database) {
    this.#statements = prepare(db);
    this.#totals = this.#statements.totals.get() as OutboxTotals;
  }

  get totals(): Readonly<OutboxTotals> {
    return this.#totals;
  }

  add(twin: Twin, json: string, at: number): void {
    const sealed = seal(json);
    this.#statements.add.run(twin.seq, twin.device, twin.property, at, sealed);
    this.#count(1, Buffer.byteLength(sealed));
  }

  removeUpTo(seq: number): void {
    const gone = this.#statements.totalsUpTo.get(seq) as OutboxTotals;
    this.#statements.removeUpTo.run(seq);
    this.#count(-gone.items, -gone.bytes);
  }

  coalesce(targetBytes: number, { arrivedSeq, sentSeq }: OnItsWay): number {
    let lost = 0;
    while (this.#totals.bytes > targetBytes) {
      const rows = this.#statements.superseded.all(arrivedSeq, sentSeq, COALESCE_ROWS) as SupersededRow[];
      for (const { seq, bytes } of rows) {
        if (this.#totals.bytes <= targetBytes) break;
        this.#statements.remove.run(seq);
        this.#count(-1, -bytes);
        if (seq > arrivedSeq) lost++;
      }
      if (rows.length < COALESCE_ROWS) break;
    }
    return lost;
  }

  read(afterSeq: number, limit: number): Twin[] {
    const rows = this.#statements.read.all(afterSeq, limit) as Array<{ json: string }>;
    return rows.map(({ json }) => JSON.parse(unseal(json)));
  }

  /** @throws OctographError `STORE_CORRUPT` at the first row that is not what was put */
  verify(): void {
    for (const row of this.#statements.all.iterate() as Iterable<{ seq: number; json: string }>) {
      const { seq } = JSON.parse(unseal(row.json)) as Twin;
      if (seq !== row.seq)
        throw new OctographError('STORE_CORRUPT', `outbox row ${row.seq} holds position ${seq}`);
    }
  }

  oldestAt(): number | undefined {
    return (this.#statements.oldest.get() as { at: number } | undefined)?.at;
  }

  /** The transaction was rolled back: the counts go with it. */
  restore(totals: Readonly<OutboxTotals>): void {
    this.#totals = totals;
  }

  #count(items: number, bytes: number): void {
    this.#totals = { items: this.#totals.items + items, bytes: this.#totals.bytes + bytes };
  }
}

function prepare(db: Database) {
  const sums = 'SELECT count(*) AS items, coalesce(sum(octet_length(json)), 0) AS bytes FROM outbox';
  return {
    totals: db.prepare(sums),
    totalsUpTo: db.prepare(`${sums} WHERE seq <= ?`),
    add: db.prepare('INSERT INTO outbox (seq, device, property, at, json) VALUES (?, ?, ?, ?, ?)'),
    remove: db.prepare('DELETE FROM outbox WHERE seq = ?'),
    removeUpTo: db.prepare('DELETE FROM outbox WHERE seq <= ?'),
    read: db.prepare('SELECT json FROM outbox WHERE seq > ? ORDER BY seq LIMIT ?'),
    all: db.prepare('SELECT seq, json FROM outbox'),
    oldest: db.prepare('SELECT at FROM outbox ORDER BY seq LIMIT 1'),
    superseded: db.prepare(
      `SELECT o.seq, octet_length(o.json) AS bytes FROM outbox o LEFT JOIN twin t USING (device, property)
       WHERE (t.seq IS NULL OR t.seq > o.seq) AND (o.seq <= ? OR o.seq > ?) ORDER BY o.seq LIMIT ?`,
    ),
  };
}
