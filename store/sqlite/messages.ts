import type { Database } from 'better-sqlite3';
import type { PublicationRecord } from '../../twin/message.ts';
import type { BoxTotals } from '../contract.ts';
import type { MessageTable } from '../tables.ts';
import { seal, unseal } from './seal.ts';

export class SqliteMessages implements MessageTable {
  readonly #statements: ReturnType<typeof prepare>;

  constructor(db: Database) {
    this.#statements = prepare(db);
  }

  totals(): Map<string, BoxTotals> {
    const rows = this.#statements.totals.all() as Array<{ box: string } & BoxTotals>;
    return new Map(rows.map(({ box, items, bytes }) => [box, { items, bytes }]));
  }

  totalsBetween = (box: string, after: number, upTo: number) =>
    this.#statements.totalsBetween.get(box, after, upTo) as BoxTotals;

  add(box: string, seq: number, bytes: number, json: string): void {
    this.#statements.add.run(seq, box, bytes, seal(json));
  }

  read(box: string, after: number, { items, bytes }: BoxTotals): string[] {
    const texts: string[] = [];
    let left = bytes;
    const rows = this.#statements.read.iterate(box, after, items) as Iterable<{
      bytes: number;
      json: string;
    }>;
    for (const row of rows) {
      left -= row.bytes;
      if (left < 0 && texts.length > 0) break;
      texts.push(unseal(row.json));
    }
    return texts;
  }

  removeUpTo(box: string, seq: number): void {
    this.#statements.removeUpTo.run(box, seq);
  }

  seqToFree(box: string, after: number, wanted: BoxTotals): number | undefined {
    let upTo: number | undefined;
    let { items, bytes } = wanted;
    const rows = this.#statements.sizes.iterate(box, after) as Iterable<{ seq: number; bytes: number }>;
    for (const row of rows) {
      if (items <= 0 && bytes <= 0) break;
      upTo = row.seq;
      items--;
      bytes -= row.bytes;
    }
    return upTo;
  }

  putRecord({ principal, idempotencyKey }: PublicationRecord, json: string, limit: number): void {
    this.#statements.putRecord.run(principal, idempotencyKey, seal(json));
    this.#statements.trimRecords.run(limit);
  }

  record(principal: string, key: string): PublicationRecord | undefined {
    const row = this.#statements.record.get(principal, key) as { json: string } | undefined;
    return row && JSON.parse(unseal(row.json));
  }
}

function prepare(db: Database) {
  const sums = 'count(*) AS items, coalesce(sum(bytes), 0) AS bytes FROM message';
  return {
    totals: db.prepare(`SELECT box, ${sums} GROUP BY box`),
    totalsBetween: db.prepare(`SELECT ${sums} WHERE box = ? AND seq > ? AND seq <= ?`),
    add: db.prepare('INSERT INTO message (seq, box, bytes, json) VALUES (?, ?, ?, ?)'),
    read: db.prepare('SELECT bytes, json FROM message WHERE box = ? AND seq > ? ORDER BY seq LIMIT ?'),
    removeUpTo: db.prepare('DELETE FROM message WHERE box = ? AND seq <= ?'),
    sizes: db.prepare('SELECT seq, bytes FROM message WHERE box = ? AND seq > ? ORDER BY seq'),
    putRecord: db.prepare(
      `INSERT INTO publication (principal, idempotency_key, json) VALUES (?, ?, ?)
       ON CONFLICT (principal, idempotency_key) DO UPDATE SET json = excluded.json`,
    ),
    trimRecords: db.prepare('DELETE FROM publication WHERE n <= (SELECT max(n) FROM publication) - ?'),
    record: db.prepare('SELECT json FROM publication WHERE principal = ? AND idempotency_key = ?'),
  };
}
