import type { ChangeRecord } from '../../twin/change.ts';
import type { Conflict } from '../../twin/conflict.ts';
import type { ConflictQuery } from '../contract.ts';
import type { LedgerTable } from '../tables.ts';

/** Maps keep the order in which an id was first put. */
export class MemoryLedger implements LedgerTable {
  readonly #changes = new Map<string, string>();
  readonly #conflicts = new Map<string, string>();

  putChange({ change }: ChangeRecord, json: string, limit: number): void {
    this.#changes.set(change.id, json);
    for (const id of this.#changes.keys()) {
      if (this.#changes.size <= limit) return;
      this.#changes.delete(id);
    }
  }

  change = (id: string) => parse<ChangeRecord>(this.#changes.get(id));

  changeByKey = (principal: string, key: string) =>
    Array.from(this.#changes.values(), (json): ChangeRecord => JSON.parse(json)).findLast(
      ({ change, idempotencyKey }) => change.createdBy === principal && idempotencyKey === key,
    );

  putConflict({ id }: Conflict, json: string, limit: number): void {
    this.#conflicts.set(id, json);
    for (const [old, text] of this.#conflicts) {
      if (this.#conflicts.size <= limit) return;
      if ((JSON.parse(text) as Conflict).resolvedAt !== undefined) this.#conflicts.delete(old);
    }
  }

  conflict = (id: string) => parse<Conflict>(this.#conflicts.get(id));

  conflicts({ device, isOpen, after, limit }: ConflictQuery): Conflict[] {
    const all = Array.from(this.#conflicts.values(), (json): Conflict => JSON.parse(json)).reverse();
    const start = after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1;
    return all
      .slice(start)
      .filter((conflict) => device === undefined || conflict.device === device)
      .filter(({ resolvedAt }) => !isOpen || resolvedAt === undefined)
      .slice(0, limit);
  }
}

const parse = <T>(json: string | undefined): T | undefined =>
  json === undefined ? undefined : JSON.parse(json);
