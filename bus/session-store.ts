import Database from 'better-sqlite3';
import { type Clock, every } from '../lib/clock.ts';
import type { Close } from '../lib/disposables.ts';
import { messageOf } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';

interface Packet {
  topic: string;
  payload: Buffer | string;
  qos: number;
  retain: boolean;
  brokerId?: string;
  brokerCounter?: number;
}

interface Subscription {
  topic: string;
  qos: number;
}

interface Client {
  id: string;
}

/** The methods of aedes' persistence in memory through which all that is worth keeping goes. */
export interface SessionMemory {
  storeRetained(packet: Packet): Promise<void>;
  addSubscriptions(client: Client, subscriptions: Subscription[]): Promise<void>;
  removeSubscriptions(client: Client, topics: string[]): Promise<void>;
  cleanSubscriptions(client: Client): Promise<void>;
  subscriptionsByClient(client: Client): Promise<Subscription[]>;
  outgoingEnqueueCombi(subscriptions: Array<{ clientId: string }>, packet: Packet): Promise<void>;
  outgoingClearMessageId(client: Client, packet: unknown): Promise<unknown>;
  outgoingStream(client: Client): AsyncIterable<Packet>;
}

export interface SessionStoreOptions {
  /** The SQLite file. */
  path: string;
  memory: SessionMemory;
  clock: Clock;
  logger: Logger;
}

/** A crash loses what changed since; a regular end loses nothing. */
const SAVE_MS = 1_000;

/**
 * Keeps the broker's retained messages and persistent sessions in a file beside its memory: what changes is noted, and
 * written once a second in one transaction, so that a device that retains ten times a second costs one row.
 */
export class SessionStore {
  readonly #options: SessionStoreOptions;
  readonly #database: Database.Database;
  readonly #retained = new Map<string, Packet>();
  readonly #clients = new Set<string>();
  readonly #stop: Close;
  /** What was retained, as the file had it. */
  restoredTopics: Array<{ topic: string; bytes: number }> = [];

  private constructor(options: SessionStoreOptions) {
    this.#options = options;
    this.#database = new Database(options.path);
    this.#database.pragma('journal_mode = WAL');
    this.#database.pragma('synchronous = NORMAL');
    this.#database.exec(SCHEMA);
    this.#stop = every(options.clock, SAVE_MS, () => void this.#saveOrWarn());
  }

  /** Brings back what the file holds, and keeps it from then on. */
  static async open(options: SessionStoreOptions): Promise<SessionStore> {
    const store = new SessionStore(options);
    await store.#restore();
    store.#watch();
    return store;
  }

  async close(): Promise<void> {
    this.#stop();
    await this.#saveOrWarn();
    this.#database.close();
  }

  async #restore(): Promise<void> {
    const { memory } = this.#options;
    const all = <T>(sql: string) => this.#database.prepare(sql).all() as T[];
    for (const row of all<{ topic: string; payload: Buffer; qos: number }>('SELECT * FROM retained')) {
      this.restoredTopics.push({ topic: row.topic, bytes: row.payload.length });
      await memory.storeRetained({ ...row, retain: true });
    }
    for (const { client, ...subscription } of all<{ client: string } & Subscription>(
      'SELECT * FROM subscriptions',
    )) {
      await memory.addSubscriptions({ id: client }, [subscription]);
    }
    type Queued = { client: string; brokerId: string; brokerCounter: number } & Packet;
    for (const { client, ...packet } of all<Queued>('SELECT * FROM queued ORDER BY client, position')) {
      await memory.outgoingEnqueueCombi([{ clientId: client }], { ...packet, retain: false });
    }
  }

  #watch(): void {
    const { memory } = this.#options;
    const note = <A extends [Client, ...unknown[]], R>(method: (...args: A) => Promise<R>) => {
      const call = method.bind(memory);
      return (...args: A) => {
        this.#clients.add(args[0].id);
        return call(...args);
      };
    };
    const storeRetained = memory.storeRetained.bind(memory);
    memory.storeRetained = (packet) => {
      this.#retained.set(packet.topic, packet);
      return storeRetained(packet);
    };
    memory.addSubscriptions = note(memory.addSubscriptions);
    memory.removeSubscriptions = note(memory.removeSubscriptions);
    memory.cleanSubscriptions = note(memory.cleanSubscriptions);
    memory.outgoingClearMessageId = note(memory.outgoingClearMessageId);
    const enqueue = memory.outgoingEnqueueCombi.bind(memory);
    memory.outgoingEnqueueCombi = (subscriptions, packet) => {
      for (const { clientId } of subscriptions) this.#clients.add(clientId);
      return enqueue(subscriptions, packet);
    };
  }

  async #saveOrWarn(): Promise<void> {
    try {
      await this.#save();
    } catch (error) {
      this.#options.logger.warn({ error: messageOf(error) }, 'mqtt sessions not saved');
    }
  }

  async #save(): Promise<void> {
    if (this.#retained.size + this.#clients.size === 0) return;
    const retained = [...this.#retained.values()];
    const ids = [...this.#clients];
    this.#retained.clear();
    this.#clients.clear();
    const sessions = await Promise.all(ids.map((id) => this.#sessionOf(id)));
    const sql = (text: string) => this.#database.prepare(text);
    this.#database.transaction(() => {
      const put = sql('INSERT OR REPLACE INTO retained VALUES (?, ?, ?)');
      const drop = sql('DELETE FROM retained WHERE topic = ?');
      for (const { topic, payload, qos } of retained) {
        if (payload.length === 0) drop.run(topic);
        else put.run(topic, Buffer.from(payload as Buffer), qos);
      }
      const subscribe = sql('INSERT INTO subscriptions VALUES (?, ?, ?)');
      const enqueue = sql('INSERT INTO queued VALUES (?, ?, ?, ?, ?, ?, ?)');
      for (const { id, subscriptions, queue } of sessions) {
        sql('DELETE FROM subscriptions WHERE client = ?').run(id);
        sql('DELETE FROM queued WHERE client = ?').run(id);
        for (const { topic, qos } of subscriptions) subscribe.run(id, topic, qos);
        for (const [position, packet] of queue.entries()) {
          const { topic, payload, qos, brokerId = '', brokerCounter = 0 } = packet;
          enqueue.run(id, position, topic, Buffer.from(payload as Buffer), qos, brokerId, brokerCounter);
        }
      }
    })();
  }

  async #sessionOf(id: string) {
    const { memory } = this.#options;
    const subscriptions = await memory.subscriptionsByClient({ id });
    const queue: Packet[] = [];
    // A session that was cleaned has no subscriptions, and nothing waits for it any more.
    if (subscriptions.length > 0)
      for await (const packet of memory.outgoingStream({ id })) queue.push(packet);
    return { id, subscriptions, queue };
  }
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS retained (topic TEXT PRIMARY KEY, payload BLOB NOT NULL, qos INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS subscriptions (
    client TEXT NOT NULL, topic TEXT NOT NULL, qos INTEGER NOT NULL, PRIMARY KEY (client, topic));
  CREATE TABLE IF NOT EXISTS queued (
    client TEXT NOT NULL, position INTEGER NOT NULL, topic TEXT NOT NULL, payload BLOB NOT NULL, qos INTEGER NOT NULL,
    brokerId TEXT NOT NULL, brokerCounter INTEGER NOT NULL, PRIMARY KEY (client, position));
`;
