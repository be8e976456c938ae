import type { EdgeStore } from './contract.ts';
import { openDatabase } from './sqlite/database.ts';
import { SqliteTables } from './sqlite/tables.ts';
import { createStore, type StoreOptions } from './store.ts';

export interface SqliteStoreOptions extends StoreOptions {
  path: string;
}

/**
 * The store of one edge node in one SQLite file.
 * @throws OctographError `STORE_LOCKED` when another process has the file, `STORE_TOO_NEW` when a newer version wrote it.
 */
export function openSqliteStore({ path, ...options }: SqliteStoreOptions): EdgeStore {
  const logger = options.logger.child({ store: path });
  return createStore(new SqliteTables(openDatabase(path)), { ...options, logger });
}
