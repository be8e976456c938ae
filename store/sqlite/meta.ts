import type { Database } from 'better-sqlite3';
import type { MetaKey, MetaTable } from '../tables.ts';
import { seal, unseal } from './seal.ts';

/** A copy in memory answers; `set` writes only what changed. */
export class SqliteMeta implements MetaTable {
  readonly #read: () => Array<{ key: MetaKey; value: string }>;
  readonly #write: (key: MetaKey, value: string) => void;
  readonly #remove: (key: MetaKey) => void;
  #values = new Map<MetaKey, string>();

  constructor(db: Database) {
    const all = db.prepare('SELECT key, value FROM meta');
    const put = db.prepare(
      'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
    );
    this.#read = () => all.all() as Array<{ key: MetaKey; value: string }>;
    this.#write = (key, value) => put.run(key, seal(value));
    const remove = db.prepare('DELETE FROM meta WHERE key = ?');
    this.#remove = (key) => remove.run(key);
    this.reload();
  }

  get(key: MetaKey): string | undefined {
    return this.#values.get(key);
  }

  number(key: MetaKey): number {
    return Number(this.#values.get(key) ?? 0);
  }

  set(key: MetaKey, value: string): void {
    if (this.#values.get(key) === value) return;
    this.#write(key, value);
    this.#values.set(key, value);
  }

  remove(key: MetaKey): void {
    this.#remove(key);
    this.#values.delete(key);
  }

  /** Takes what is on disk: after a transaction that was rolled back. */
  reload(): void {
    this.#values = new Map(this.#read().map(({ key, value }) => [key, unseal(value)]));
  }
}
