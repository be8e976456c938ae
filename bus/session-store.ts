import { setImmediate as nextTurn } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { type Clock, every } from '../lib/clock.ts';
import type { Close } from '../lib/disposables.ts';
import { messageOf } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import type { Queued, Session } from './session.ts';
import type { SessionFile, Sessions } from './sessions.ts';

interface Retained {
  topic: string;
  payload: Buffer;
  qos: number;
}

/** The method of aedes' persistence in memory through which what is retained goes. */
export interface RetainedStore {
  storeRetained(packet: Retained & { retain: boolean }): Promise<void>;
}

export interface SessionStoreOptions {
  /** The SQLite file. */
  path: string;
  clock: Clock;
  logger: Logger;
}

/** A killed process loses what was retained with QoS 0 since. */
const SAVE_MS = 1_000;

/**
 * Keeps the broker's retained messages and persistent sessions in a file. What changes is noted, and written in one transaction
 * at the end of the turn of the event loop: what was noted before `saved` is in the file when that resolves, whatever happens to
 * the process then. A retained message alone waits up to a second, so that a device that retains ten times a second costs one row.
 */
export class SessionStore implements SessionFile {
  readonly #options: SessionStoreOptions;
  readonly #database: Database.Database;
  readonly #retained = new Map<string, Retained>();
  readonly #stop: Close;
  readonly #sql: Statements;
  #changes: Array<() => void> = [];
  #saving: Promise<void> | undefined;
  /** A transaction failed: the file is written anew from here. */
  #isStale = false;
  #sessions: Iterable<Session> = [];

  constructor(options: SessionStoreOptions) {
    this.#options = options;
    this.#database = new Database(options.path);
    this.#database.pragma('journal_mode = WAL');
    this.#database.pragma('synchronous = NORMAL');
    this.#database.exec(SCHEMA);
    this.#sql = prepare(this.#database);
    this.#stop = every(options.clock, SAVE_MS, () => this.#saveSoon());
  }

  async close(): Promise<void> {
    this.#stop();
    await this.saved().catch(() => {});
    this.#database.close();
  }

  /** Resolves when all that was noted is in the file; rejects with SQLite's error. */
  saved(): Promise<void> {
    this.#saving ??= nextTurn().then(() => {
      this.#saving = undefined;
      this.#save();
    });
    return this.#saving;
  }

  /** What was retained, as the file has it; keeps it from then on. */
  async restoreRetained(memory: RetainedStore): Promise<Array<{ topic: string; bytes: number }>> {
    const rows = this.#database.prepare('SELECT * FROM retained').all() as Retained[];
    const storeRetained = memory.storeRetained.bind(memory);
    for (const row of rows) await memory.storeRetained({ ...row, retain: true });
    memory.storeRetained = (packet) => {
      this.#retained.set(packet.topic, packet);
      return storeRetained(packet);
    };
    return rows.map(({ topic, payload }) => ({ topic, bytes: payload.length }));
  }

  /** Gives the sessions back what the file has of them. */
  restoreSessions(sessions: Sessions): void {
    this.#sessions = sessions;
    type Row<T> = T & { client: string };
    const all = <T>(sql: string) => this.#database.prepare(sql).all() as Array<Row<T>>;
    for (const { client, idleHours } of all<{ idleHours: number }>('SELECT * FROM sessions'))
      sessions.open(client).idleHours = idleHours;
    for (const { client, topic, qos } of all<{ topic: string; qos: number }>('SELECT * FROM subscriptions'))
      sessions.open(client).filters.set(topic, qos);
    for (const { client, ...message } of all<Queued>('SELECT * FROM queue ORDER BY position'))
      sessions.restore(client, message);
  }

  putSession({ id, idleHours }: Session): void {
    this.#note(() => this.#sql.putSession.run(id, idleHours));
  }

  endSession(id: string): void {
    this.#note(() => {
      this.#sql.endSession.run(id);
      this.#sql.endSubscriptions.run(id);
    });
  }

  putFilter(id: string, filter: string, qos: number): void {
    this.#note(() => this.#sql.putFilter.run(id, filter, qos));
  }

  dropFilter(id: string, filter: string): void {
    this.#note(() => this.#sql.dropFilter.run(id, filter));
  }

  putMessage(id: string, { position, topic, payload, qos }: Queued): void {
    this.#note(() => this.#sql.putMessage.run(position, id, topic, payload, qos));
  }

  dropMessage(_id: string, position: number): void {
    this.#note(() => this.#sql.dropMessage.run(position));
  }

  #note(change: () => void): void {
    // What is written anew needs no changes.
    if (!this.#isStale) this.#changes.push(change);
    this.#saveSoon();
  }

  #saveSoon(): void {
    // It has been logged; the next try comes within a second.
    this.saved().catch(() => {});
  }

  #save(): void {
    const changes = this.#changes;
    if (changes.length + this.#retained.size === 0 && !this.#isStale) return;
    this.#changes = [];
    try {
      this.#database.transaction(() => {
        if (this.#isStale) this.#writeAnew();
        for (const change of changes) change();
        for (const { topic, payload, qos } of this.#retained.values()) {
          if (payload.length === 0) this.#sql.dropRetained.run(topic);
          else this.#sql.putRetained.run(topic, payload, qos);
        }
      })();
    } catch (error) {
      if (!this.#isStale) this.#options.logger.warn({ error: messageOf(error) }, 'mqtt sessions not saved');
      this.#isStale = true;
      throw error;
    }
    if (this.#isStale) this.#options.logger.info({}, 'mqtt sessions saved again');
    this.#isStale = false;
    this.#retained.clear();
  }

  #writeAnew(): void {
    this.#database.exec('DELETE FROM sessions; DELETE FROM subscriptions; DELETE FROM queue');
    for (const { id, idleHours, filters, messages } of this.#sessions) {
      if (filters.size > 0) this.#sql.putSession.run(id, idleHours);
      for (const [filter, qos] of filters) this.#sql.putFilter.run(id, filter, qos);
      for (const { position, topic, payload, qos } of messages)
        this.#sql.putMessage.run(position, id, topic, payload, qos);
    }
  }
}

type Statements = ReturnType<typeof prepare>;

const prepare = (database: Database.Database) => ({
  putRetained: database.prepare('INSERT OR REPLACE INTO retained VALUES (?, ?, ?)'),
  dropRetained: database.prepare('DELETE FROM retained WHERE topic = ?'),
  putSession: database.prepare('INSERT OR REPLACE INTO sessions VALUES (?, ?)'),
  endSession: database.prepare('DELETE FROM sessions WHERE client = ?'),
  putFilter: database.prepare('INSERT OR REPLACE INTO subscriptions VALUES (?, ?, ?)'),
  dropFilter: database.prepare('DELETE FROM subscriptions WHERE client = ? AND topic = ?'),
  endSubscriptions: database.prepare('DELETE FROM subscriptions WHERE client = ?'),
  putMessage: database.prepare('INSERT INTO queue VALUES (?, ?, ?, ?, ?)'),
  dropMessage: database.prepare('DELETE FROM queue WHERE position = ?'),
});

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS retained (topic TEXT PRIMARY KEY, payload BLOB NOT NULL, qos INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS sessions (client TEXT PRIMARY KEY, idleHours INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS subscriptions (
    client TEXT NOT NULL, topic TEXT NOT NULL, qos INTEGER NOT NULL, PRIMARY KEY (client, topic));
  CREATE TABLE IF NOT EXISTS queue (
    position INTEGER PRIMARY KEY, client TEXT NOT NULL, topic TEXT NOT NULL, payload BLOB NOT NULL, qos INTEGER NOT NULL);
`;
