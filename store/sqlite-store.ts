import type { EdgeStore } from './contract.ts';
import { openTables } from './sqlite/recover.ts';
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
  const { tables, content, recovery } = openTables(path, options.clock.now());
  if (recovery) logger.error({ ...recovery }, 'the store was corrupt: what its last good copy lacks is lost');
  return createStore(tables, { ...options, logger, content, recovery });
}
