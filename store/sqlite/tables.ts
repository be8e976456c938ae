import type { Database } from 'better-sqlite3';
import type { NodeObject, ObjectRef } from '../../twin/node-object.ts';
import type { DeviceStateInfo, Proposal, Twin } from '../../twin/twin.ts';
import type { StoreContent } from '../contract.ts';
import { trim } from '../history/retention.ts';
import type { StoreTables } from '../tables.ts';
import { Ballast } from './ballast.ts';
import { writeCopy } from './copy.ts';
import { SqliteHistoryTable } from './history-table.ts';
import { SqliteLedger } from './ledger.ts';
import { SqliteMessages } from './messages.ts';
import { SqliteMeta } from './meta.ts';
import { SqliteOutbox } from './outbox.ts';
import { seal, unseal } from './seal.ts';

/** Part of the history that is left when the disk is full. */
const KEPT_PART = 3 / 4;

export class SqliteTables implements StoreTables {
  readonly meta: SqliteMeta;
  readonly outbox: SqliteOutbox;
  readonly history: SqliteHistoryTable;
  readonly ledger: SqliteLedger;
  readonly messages: SqliteMessages;
  readonly #db: Database;
  readonly #path: string;
  readonly #ballast: Ballast;
  readonly #statements: ReturnType<typeof prepare>;

  constructor(db: Database, path: string) {
    this.#db = db;
    this.#path = path;
    this.#ballast = new Ballast(`${path}.ballast`);
    this.#statements = prepare(db);
    this.meta = new SqliteMeta(db);
    this.outbox = new SqliteOutbox(db);
    this.history = new SqliteHistoryTable(db);
    this.ledger = new SqliteLedger(db);
    this.messages = new SqliteMessages(db);
  }

  transaction(run: () => void): void {
    const before = this.outbox.totals;
    try {
      this.#db.transaction(run)();
    } catch (error) {
      this.outbox.restore(before);
      this.meta.reload();
      throw error;
    }
  }

  load(): StoreContent {
    const read = <T>(table: string): T[] =>
      (this.#db.prepare(`SELECT json FROM ${table}`).all() as Array<{ json: string }>).map(({ json }) =>
        JSON.parse(unseal(json)),
      );
    return {
      twins: read<Twin>('twin'),
      states: read<DeviceStateInfo>('device_state'),
      objects: read<NodeObject>('object'),
      proposals: read<Proposal>('proposal'),
    };
  }

  putTwin({ device, property, seq }: Twin, json: string): void {
    this.#statements.putTwin.run(device, property, seq, seal(json));
  }

  removeTwins(device: string): void {
    this.#statements.removeTwins.run(device);
    this.#statements.removeState.run(device);
  }

  removeTwin(device: string, property: string): void {
    this.#statements.removeTwin.run(device, property);
  }

  putState(device: string, json: string): void {
    this.#statements.putState.run(device, seal(json));
  }

  putObject({ kind, namespace, name }: ObjectRef, json: string): void {
    this.#statements.putObject.run(kind, namespace, name, seal(json));
  }

  removeObject({ kind, namespace, name }: ObjectRef): void {
    this.#statements.removeObject.run(kind, namespace, name);
  }

  putProposal(change: string, property: string, json: string): void {
    this.#statements.putProposal.run(change, property, seal(json));
  }

  removeProposal(change: string, property: string): void {
    this.#statements.removeProposal.run(change, property);
  }

  makeRoom(): void {
    this.#ballast.drop();
    this.#db.transaction(() => trim(this.history, this.history.bytes() * KEPT_PART))();
    // What the log holds goes to its place in the file, which has free pages now; then the log begins anew in its own room.
    this.#db.pragma('wal_checkpoint(RESTART)');
  }

  takeRoomBack(): boolean {
    return this.#ballast.load();
  }

  writeCopy(): void {
    writeCopy(this.#db, this.#path);
  }

  close(): void {
    this.#db.close();
  }
}

function prepare(db: Database) {
  return {
    putTwin: db.prepare(
      `INSERT INTO twin (device, property, seq, json) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET seq = excluded.seq, json = excluded.json`,
    ),
    removeTwin: db.prepare('DELETE FROM twin WHERE device = ? AND property = ?'),
    removeTwins: db.prepare('DELETE FROM twin WHERE device = ?'),
    putState: db.prepare(
      'INSERT INTO device_state (device, json) VALUES (?, ?) ON CONFLICT DO UPDATE SET json = excluded.json',
    ),
    removeState: db.prepare('DELETE FROM device_state WHERE device = ?'),
    putObject: db.prepare(
      `INSERT INTO object (kind, namespace, name, json) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET json = excluded.json`,
    ),
    removeObject: db.prepare('DELETE FROM object WHERE kind = ? AND namespace = ? AND name = ?'),
    putProposal: db.prepare(
      `INSERT INTO proposal (change, property, json) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET json = excluded.json`,
    ),
    removeProposal: db.prepare('DELETE FROM proposal WHERE change = ? AND property = ?'),
  };
}
