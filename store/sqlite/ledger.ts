import type { Database } from 'better-sqlite3';
import type { ChangeRecord } from '../../twin/change.ts';
import type { Conflict } from '../../twin/conflict.ts';
import type { ConflictQuery } from '../contract.ts';
import type { LedgerTable } from '../tables.ts';
import { seal, unseal } from './seal.ts';

export class SqliteLedger implements LedgerTable {
  readonly #statements: ReturnType<typeof prepare>;

  constructor(db: Database) {
    this.#statements = prepare(db);
  }

  putChange({ change, idempotencyKey }: ChangeRecord, json: string, limit: number): void {
    this.#statements.putChange.run(change.id, change.createdBy, idempotencyKey ?? null, seal(json));
    this.#statements.trimChanges.run(limit);
  }

  change = (id: string) => one<ChangeRecord>(this.#statements.change.get(id));

  changeByKey = (principal: string, key: string) =>
    one<ChangeRecord>(this.#statements.changeByKey.get(principal, key));

  putConflict({ id, device, resolvedAt }: Conflict, json: string, limit: number): void {
    this.#statements.putConflict.run(id, device, resolvedAt === undefined ? 1 : 0, seal(json));
    this.#statements.trimConflicts.run(limit);
  }

  conflict = (id: string) => one<Conflict>(this.#statements.conflict.get(id));

  conflicts({ device, isOpen = false, after, limit }: ConflictQuery): Conflict[] {
    const rows = this.#statements.conflicts.all({
      device: device ?? null,
      isOpen: isOpen ? 1 : 0,
      after: after ?? null,
      limit,
    });
    return rows.map((row) => one<Conflict>(row) as Conflict);
  }
}

function one<T>(row: unknown): T | undefined {
  return row === undefined ? undefined : JSON.parse(unseal((row as { json: string }).json));
}

function prepare(db: Database) {
  return {
    putChange: db.prepare(
      `INSERT INTO change (id, principal, idempotency_key, json) VALUES (?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET json = excluded.json`,
    ),
    trimChanges: db.prepare('DELETE FROM change WHERE n <= (SELECT max(n) FROM change) - ?'),
    change: db.prepare('SELECT json FROM change WHERE id = ?'),
    changeByKey: db.prepare(
      'SELECT json FROM change WHERE principal = ? AND idempotency_key = ? ORDER BY n DESC LIMIT 1',
    ),
    putConflict: db.prepare(
      `INSERT INTO conflict (id, device, is_open, json) VALUES (?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET is_open = excluded.is_open, json = excluded.json`,
    ),
    trimConflicts: db.prepare(
      'DELETE FROM conflict WHERE n <= (SELECT max(n) FROM conflict) - ? AND is_open = 0',
    ),
    conflict: db.prepare('SELECT json FROM conflict WHERE id = ?'),
    conflicts: db.prepare(
      `SELECT json FROM conflict WHERE (@device IS NULL OR device = @device) AND (@isOpen = 0 OR is_open = 1)
         AND (@after IS NULL OR n < (SELECT n FROM conflict WHERE id = @after))
       ORDER BY n DESC LIMIT @limit`,
    ),
  };
}
