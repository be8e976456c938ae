import Database from 'better-sqlite3';
import type { Twin } from '../../twin/twin.ts';

/** What an edge store writes, with nothing around it: twin, outbox and one history row of each update, in one transaction per batch. */
export function openBareStore(path: string, properties: number) {
  const db = new Database(path);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec(`
    CREATE TABLE twin (device TEXT, property TEXT, seq INTEGER, json TEXT, PRIMARY KEY (device, property)) WITHOUT ROWID;
    CREATE TABLE outbox (seq INTEGER PRIMARY KEY, device TEXT, property TEXT, at INTEGER, json TEXT);
    CREATE TABLE history (series INTEGER, at INTEGER, value, PRIMARY KEY (series, at)) WITHOUT ROWID;`);
  const twinRow = db.prepare('INSERT OR REPLACE INTO twin VALUES (?, ?, ?, ?)');
  const outboxRow = db.prepare('INSERT INTO outbox VALUES (?, ?, ?, ?, ?)');
  const historyRow = db.prepare('INSERT OR REPLACE INTO history VALUES (?, ?, ?)');
  const acknowledge = db.prepare('DELETE FROM outbox WHERE seq <= ?');
  let seq = 0;
  return {
    /** Updates of one property after the other, in turn. @param acknowledges so many of the newest stay in the outbox */
    write: db.transaction((updates: ReadonlyArray<Omit<Twin, 'seq'>>, acknowledges?: number) => {
      for (const twin of updates) {
        const json = JSON.stringify({ ...twin, seq: ++seq });
        const { value, observedAt } = twin.reported as { value: number | boolean; observedAt: number };
        twinRow.run(twin.device, twin.property, seq, json);
        outboxRow.run(seq, twin.device, twin.property, observedAt, json);
        historyRow.run(seq % properties, observedAt, Number(value));
      }
      if (acknowledges !== undefined) acknowledge.run(seq - acknowledges);
    }),
    close: () => void db.close(),
  };
}
