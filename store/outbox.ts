import type { Database } from 'better-sqlite3';
import type { Twin } from '../twin/twin.ts';
import type { OutboxStats } from './contract.ts';

/** Rows read at a time while the oldest are coalesced away. */
const COALESCE_ROWS = 1000;

/**
 * What the cloud has not acknowledged yet: one row per report, in the order of their positions. Its methods that write run
 * inside the store's transaction.
 */
export class Outbox {
  readonly #limitBytes: number;
  readonly #statements: ReturnType<typeof prepare>;
  #totals: { items: number; bytes: number; dropped: number };

  constructor(db: Database, limitBytes: number, dropped: number) {
    this.#limitBytes = limitBytes;
    this.#statements = prepare(db);
    this.#totals = { ...(this.#statements.totals.get() as { items: number; bytes: number }), dropped };
  }

  get totals(): Readonly<{ items: number; bytes: number; dropped: number }> {
    return this.#totals;
  }

  add(twin: Twin, json: string, at: number): void {
    this.#statements.add.run(twin.seq, twin.device, twin.property, at, json);
    const { items, bytes, dropped } = this.#totals;
    this.#totals = { items: items + 1, bytes: bytes + Buffer.byteLength(json), dropped };
  }

  /** [S5] Everything up to and including `seq` is stored elsewhere. */
  removeUpTo(seq: number): void {
    const gone = this.#statements.totalsUpTo.get(seq) as { items: number; bytes: number };
    this.#statements.removeUpTo.run(seq);
    this.#subtract(gone.items, gone.bytes, 0);
  }

  /**
   * [S6] Over the bound, the oldest rows that a newer one of the same property supersedes go, and those of devices that are
   * gone, until a sixteenth of the bound is free. The newest row of each property always stays.
   */
  coalesce(): void {
    if (this.#totals.bytes <= this.#limitBytes) return;
    const target = this.#limitBytes - this.#limitBytes / 16;
    for (;;) {
      const rows = this.#statements.superseded.all(COALESCE_ROWS) as Array<{ seq: number; bytes: number }>;
      for (const { seq, bytes } of rows) {
        if (this.#totals.bytes <= target) return;
        this.#statements.remove.run(seq);
        this.#subtract(1, bytes, 1);
      }
      if (rows.length < COALESCE_ROWS) return;
    }
  }

  /** The transaction was rolled back: the counts go with it. */
  restore(totals: Readonly<{ items: number; bytes: number; dropped: number }>): void {
    this.#totals = totals;
  }

  read(afterSeq: number, limit: number): Twin[] {
    const rows = this.#statements.read.all(afterSeq, limit) as Array<{ json: string }>;
    return rows.map(({ json }) => JSON.parse(json));
  }

  stats(now: number): OutboxStats {
    const oldest = this.#statements.oldest.get() as { at: number } | undefined;
    return { ...this.#totals, oldestAgeMs: oldest ? Math.max(0, now - oldest.at) : 0 };
  }

  #subtract(items: number, bytes: number, dropped: number): void {
    const before = this.#totals;
    this.#totals = {
      items: before.items - items,
      bytes: before.bytes - bytes,
      dropped: before.dropped + dropped,
    };
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
    oldest: db.prepare('SELECT at FROM outbox ORDER BY seq LIMIT 1'),
    superseded: db.prepare(
      `SELECT o.seq, octet_length(o.json) AS bytes FROM outbox o LEFT JOIN twin t USING (device, property)
       WHERE t.seq IS NULL OR t.seq > o.seq ORDER BY o.seq LIMIT ?`,
    ),
  };
}
