import type { EdgeStore } from './contract.ts';
import type { MemoryDisk } from './memory/disk.ts';
import { MemoryTables } from './memory/tables.ts';
import { createStore, type StoreOptions } from './store.ts';

export interface MemoryStoreOptions extends StoreOptions {
  disk: MemoryDisk;
}

/**
 * A store on a disk in memory: for simulations, where a crash is `disk.crash()` and another store on the same disk.
 * @throws OctographError `STORE_LOCKED` while another store is open on the disk
 */
export const openMemoryStore = ({ disk, ...options }: MemoryStoreOptions): EdgeStore =>
  createStore(new MemoryTables(disk), options);
