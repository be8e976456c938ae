import type { Database } from 'better-sqlite3';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import { createId } from '../lib/ids.ts';
import type { Logger } from '../lib/logger.ts';
import { type NodeObject, refOf } from '../twin/node-object.ts';
import type { DeviceStateInfo, Proposal, Twin } from '../twin/twin.ts';
import type { EdgeStore, StoreContent } from './contract.ts';
import { openDatabase } from './database.ts';
import { BACKLOG_LIMIT, GroupCommit } from './group-commit.ts';
import { Meta } from './meta.ts';
import { Outbox } from './outbox.ts';

export interface SqliteStoreOptions {
  path: string;
  clock: Clock;
  logger: Logger;
  /** Milliseconds that a write may wait for others before the commit. @default 10 */
  commitWindowMs?: number;
  /** Bytes of unacknowledged reports; beyond it the oldest are coalesced per property and counted. @default 64 MiB */
  outboxLimitBytes?: number;
}

/** What one call brings to disk, as a whole; `update` is what listeners hear of it. */
interface Write {
  run: () => void;
  update?: Twin;
}

/** [S4] Positions reserved ahead of those given: more than can be given between two commits. */
const RESERVED_POSITIONS = 2 * BACKLOG_LIMIT;

/**
 * The store of one edge node in one SQLite file.
 * @throws OctographError `STORE_LOCKED` when another process has the file, `STORE_TOO_NEW` when a newer version wrote it.
 */
export function openSqliteStore(options: SqliteStoreOptions): EdgeStore {
  const { path, clock, logger, commitWindowMs = 10, outboxLimitBytes = 64 * 1024 * 1024 } = options;
  const db = openDatabase(path);
  const statements = prepare(db);
  const meta = new Meta(db);
  const outbox = new Outbox(db, outboxLimitBytes, meta.number('dropped'));
  const listeners = new Set<(updates: Twin[]) => void>();
  const sync = { replicaId: meta.get('replicaId'), ackedSeq: meta.number('ackedSeq') };
  let seq = meta.number('reservedSeq');
  let isFailing = false;
  let isClosed = false;

  const reserve = () => {
    if (meta.number('reservedSeq') - seq < RESERVED_POSITIONS / 2) {
      meta.set('reservedSeq', String(seq + RESERVED_POSITIONS));
    }
  };
  const identity = db.transaction(() => {
    const storeId = meta.get('storeId') ?? createId('store');
    const epoch = meta.number('epoch') + 1;
    meta.set('storeId', storeId);
    meta.set('epoch', String(epoch));
    reserve();
    return { storeId, epoch };
  })();

  const transaction = db.transaction((writes: readonly Write[]) => {
    for (const { run } of writes) run();
    outbox.coalesce();
    meta.set('dropped', String(outbox.totals.dropped));
    reserve();
  });
  const group = new GroupCommit<Write>({
    clock,
    windowMs: commitWindowMs,
    commit(writes) {
      const before = outbox.totals;
      try {
        transaction(writes);
      } catch (error) {
        outbox.restore(before);
        meta.reload();
        throw error;
      }
      if (isFailing) logger.info({ path }, 'the store commits again; nothing that waited was lost');
      isFailing = false;
    },
    onCommitted(writes) {
      const updates = writes.map(({ update }) => update).filter((update) => update !== undefined);
      if (updates.length > 0) for (const listener of listeners) listener(updates);
    },
    onError(error) {
      if (!isFailing)
        logger.error({ path, err: messageOf(error) }, 'the disk refuses the store; trying again');
      isFailing = true;
    },
  });
  const put = (run: () => void, update?: Twin) => group.put({ run, update });

  return {
    identity,
    sync,
    load: () => loadContent(db),
    nextSeq: () => ++seq,
    lastSeq: () => seq,
    putTwin(twin, { outbox: toOutbox } = { outbox: true }) {
      // Written down here, not at the commit: what cannot be written must be the caller's error, not the group's.
      const json = JSON.stringify(twin);
      const at = clock.now();
      put(
        () => {
          statements.putTwin.run(twin.device, twin.property, twin.seq, json);
          if (toOutbox) outbox.add(twin, json, at);
        },
        toOutbox ? twin : undefined,
      );
    },
    removeTwins(device) {
      put(() => {
        statements.removeTwins.run(device);
        statements.removeState.run(device);
      });
    },
    putState(state) {
      const json = JSON.stringify(state);
      put(() => statements.putState.run(state.device, json));
    },
    putObjects(upsert, remove) {
      const rows = upsert.map((object) => ({ ...refOf(object), json: JSON.stringify(object) }));
      put(() => {
        for (const { kind, namespace, name, json } of rows)
          statements.putObject.run(kind, namespace, name, json);
        for (const { kind, namespace, name } of remove) statements.removeObject.run(kind, namespace, name);
      });
    },
    putProposal(proposal) {
      const json = JSON.stringify(proposal);
      put(() => statements.putProposal.run(proposal.change, proposal.property, json));
    },
    removeProposal(change, property) {
      put(() => statements.removeProposal.run(change, property));
    },
    durable: () => group.durable(),
    flush: () => group.flush(),
    onCommit(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    acknowledge(replicaId, upTo) {
      // Clamped: a position that was never given cannot be stored anywhere, and to believe it would hide later reports.
      const acked = Math.max(sync.ackedSeq, Math.min(upTo, seq));
      Object.assign(sync, { replicaId, ackedSeq: acked });
      put(() => {
        outbox.removeUpTo(acked);
        meta.set('replicaId', replicaId);
        meta.set('ackedSeq', String(acked));
      });
    },
    readOutbox: (afterSeq, limit) => outbox.read(afterSeq, limit),
    outboxStats: (now) => outbox.stats(now),
    async close() {
      if (isClosed) return;
      isClosed = true;
      try {
        group.close();
        // Closed in order, no position was given in vain: the next start goes on without a gap.
        meta.set('reservedSeq', String(seq));
      } finally {
        db.close();
      }
    },
  };
}

function prepare(db: Database) {
  return {
    putTwin: db.prepare(
      `INSERT INTO twin (device, property, seq, json) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET seq = excluded.seq, json = excluded.json`,
    ),
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

function loadContent(db: Database): StoreContent {
  const read = <T>(table: string): T[] =>
    (db.prepare(`SELECT json FROM ${table}`).all() as Array<{ json: string }>).map(({ json }) =>
      JSON.parse(json),
    );
  return {
    twins: read<Twin>('twin'),
    states: read<DeviceStateInfo>('device_state'),
    objects: read<NodeObject>('object'),
    proposals: read<Proposal>('proposal'),
  };
}
