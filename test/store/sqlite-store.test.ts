import { statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { registerStoreContract } from '../contract/store-contract.ts';
import { openStore, putReport, tempDir } from './stores.ts';

const file = () => join(tempDir(), 'data', 'edge.db');

registerStoreContract('sqlite', { createDisk: file, open: openStore });

describe('the file', () => {
  it('[S1] is refused to a second opener by its name, and the first goes on', async () => {
    const path = file();
    const { store } = openStore(path);
    putReport(store);
    expect(() => openStore(path)).toThrow(
      expect.objectContaining({ code: 'STORE_LOCKED', message: expect.stringContaining(path) }),
    );
    expect(store.flush()).toBe(true);
    await store.close();
    await openStore(path).store.close();
  });

  it('[S1] lies in a directory for its owner alone', async () => {
    const path = file();
    await openStore(path).store.close();
    expect(statSync(join(path, '..')).mode & 0o777).toBe(0o700);
  });

  it('[S8] of a newer version is refused, and left as it is', async () => {
    const path = file();
    await openStore(path).store.close();
    const db = new Database(path);
    db.pragma('user_version = 99');
    db.close();
    expect(() => openStore(path)).toThrow(
      expect.objectContaining({ code: 'STORE_TOO_NEW', message: expect.stringContaining('version 99') }),
    );
    const after = new Database(path);
    expect(after.pragma('user_version', { simple: true })).toBe(99);
    after.close();
  });
});
