import { type Clock, every } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import { createId } from '../lib/ids.ts';
import type { Logger } from '../lib/logger.ts';
import type { ChangeRecord } from '../twin/change.ts';
import { refOf } from '../twin/node-object.ts';
import type { Twin } from '../twin/twin.ts';
import type { EdgeStore, StoreContent, StoreRecovery, SyncPosition } from './contract.ts';
import { DiskGuard } from './disk-guard.ts';
import { BACKLOG_LIMIT, GroupCommit } from './group-commit.ts';
import { HistoryRing } from './history/history.ts';
import type { SeriesPoint } from './history/journal.ts';
import type { Retention } from './history/retention.ts';
import { createMessageBoxes } from './message-box.ts';
import type { StoreTables } from './tables.ts';

export interface StoreOptions {
  clock: Clock;
  logger: Logger;
  /**
   * `full`: a write waits 10 ms for others. `economy`: 1 s, for memory that wears by being written, unless somebody awaits
   * `durable()`. What is durable is as safe either way. @default full
   */
  durability?: Durability;
  /** Bytes of unacknowledged reports; beyond it the oldest are coalesced per property and counted. @default 64 MiB */
  outboxLimitBytes?: number;
  /** What is kept of readings. @default 7 days, 256 MiB */
  history?: Partial<Retention>;
  /** Milliseconds between two good copies; 0 makes none. @default 10 minutes */
  copyEveryMs?: number;
}

export const DURABILITIES = ['full', 'economy'] as const;
export type Durability = (typeof DURABILITIES)[number];

/** What one call brings to disk, as a whole; `update` is what listeners hear of it. */
interface Write {
  run?: () => void;
  points?: readonly SeriesPoint[];
  update?: Twin;
  change?: ChangeRecord;
  /** How many of its messages; given also where there are none, but news of them. */
  messages?: number;
}

/** Milliseconds. */
const COMMIT_WINDOW_MS = 10;
const ECONOMY_WINDOW_MS = 1000;
/** [S4] Positions reserved ahead of those given: more than can be given between two commits. */
const RESERVED_POSITIONS = 2 * BACKLOG_LIMIT;
/** [S14] Changes kept, and conflicts that are resolved. */
const LEDGER_LIMIT = 20_000;
/** [S6] Part of the outbox's bound that is free after coalescing, so that not every commit must coalesce. */
const FREED_PART = 1 / 16;

export interface OpenedTables {
  /** What the tables hold, where it was read already. */
  content?: StoreContent;
  recovery?: StoreRecovery;
}

/** The store's rules over its tables. */
export function createStore(tables: StoreTables, options: StoreOptions & OpenedTables): EdgeStore {
  const { clock, logger, durability = 'full', outboxLimitBytes = 64 * 1024 * 1024 } = options;
  const { copyEveryMs = 10 * 60_000, recovery } = options;
  const { meta, outbox, ledger } = tables;
  const retention = { maxAgeMs: 7 * 86_400_000, maxBytes: 256 * 1024 * 1024, ...options.history };
  const history = new HistoryRing(tables.history, retention, clock.monotonic());
  const waitingChanges = new Map<string, ChangeRecord>();
  const listeners = new Set<(updates: Twin[]) => void>();
  const storeId = meta.get('storeId');
  // S16: what a replica has of another history is nothing of this one.
  const sync: SyncPosition = { replicaId: undefined, ackedSeq: 0 };
  if (storeId !== undefined)
    Object.assign(sync, { replicaId: meta.get('replicaId') || undefined, ackedSeq: meta.number('ackedSeq') });
  const way = { arrivedSeq: sync.ackedSeq, sentSeq: sync.ackedSeq };
  let seq = meta.number('reservedSeq');
  let isFailing = false;
  let hasNews = false;
  let isClosed = false;
  /** For the first who loads, until something is written: of a large store it takes as long as all else of a start. */
  let content = options.content;

  const identity = { storeId: storeId ?? createId('store'), epoch: meta.number('epoch') + 1 };
  const reserve = () => {
    if (meta.number('reservedSeq') - seq < RESERVED_POSITIONS / 2) {
      meta.set('reservedSeq', String(seq + RESERVED_POSITIONS));
    }
  };
  const coalesce = () => {
    if (outbox.totals.bytes <= outboxLimitBytes) return;
    const dropped = outbox.coalesce(outboxLimitBytes * (1 - FREED_PART), way);
    meta.set('dropped', String(meta.number('dropped') + dropped));
  };
  const write = (writes: readonly Write[]) => {
    const now = { wall: clock.now(), monotonic: clock.monotonic() };
    const points = writes.flatMap((each) => each.points ?? []);
    content = undefined;
    tables.transaction(() => {
      for (const { run } of writes) run?.();
      history.write(points, now);
      coalesce();
      reserve();
    });
    history.written(now.monotonic);
  };
  const guard = new DiskGuard({
    tables,
    history,
    clock,
    logger,
    onRoom: (points) => group.put({ points }),
  });
  const writeIdentity = () => {
    meta.set('storeId', identity.storeId);
    meta.set('epoch', String(identity.epoch));
    meta.set('replicaId', sync.replicaId ?? '');
    meta.set('ackedSeq', String(sync.ackedSeq));
  };
  const begin = () => {
    writeIdentity();
    reserve();
  };
  try {
    guard.attempt(() => tables.transaction(begin));
  } catch (error) {
    // Nobody gets a store to close: what it opened ends here, so that the next try finds the file free.
    guard.close();
    tables.close();
    throw error;
  }

  const group = new GroupCommit<Write>({
    clock,
    windowMs: durability === 'economy' ? ECONOMY_WINDOW_MS : COMMIT_WINDOW_MS,
    awaitedWindowMs: COMMIT_WINDOW_MS,
    commit(writes) {
      guard.attempt(() => write(writes));
      hasNews = true;
      if (isFailing) logger.info({}, 'the store commits again; nothing that waited was lost');
      isFailing = false;
    },
    onCommitted(writes) {
      for (const { change: record } of writes) {
        if (record && waitingChanges.get(record.change.id) === record)
          waitingChanges.delete(record.change.id);
      }
      const updates = writes.map(({ update }) => update).filter((update) => update !== undefined);
      if (updates.length > 0) for (const listener of listeners) listener(updates);
      const messages = writes.map((each) => each.messages).filter((count) => count !== undefined);
      if (messages.length > 0) boxes.committed(messages.reduce((sum, count) => sum + count, 0));
    },
    onError(error) {
      if (!isFailing) logger.error({ err: messageOf(error) }, 'the disk refuses the store; trying again');
      isFailing = true;
    },
  });
  const cancelCopies = copyEveryMs > 0 ? every(clock, copyEveryMs, () => copy()) : () => {};
  const copy = () => {
    if (!hasNews || isFailing || history.isStopped) return;
    try {
      tables.writeCopy();
      hasNews = false;
    } catch (error) {
      logger.warn({ err: messageOf(error) }, 'no good copy of the store could be made; trying again later');
    }
  };
  /** What spares the next start its work. It can do without: a full disk must not make an orderly end an error. */
  const tidy = () => {
    try {
      tables.transaction(() => {
        history.writeAll();
        // No position was given in vain: the next start goes on without a gap.
        meta.set('reservedSeq', String(seq));
      });
    } catch (error) {
      logger.warn({ err: messageOf(error) }, 'closed without tidying up: the next start has more to read');
    }
  };
  const put = (run: () => void) => group.put({ run });
  const boxes = createMessageBoxes(tables, (run, messages) => group.put({ run, messages }));
  const putPoints = (points: readonly SeriesPoint[]) => {
    if (points.length > 0 || history.isDue(clock.monotonic())) group.put({ points });
  };

  return {
    identity,
    sync,
    renewIdentity() {
      identity.storeId = createId('store');
      Object.assign(sync, { replicaId: undefined, ackedSeq: 0 });
      put(writeIdentity);
      group.flush();
    },
    load() {
      const loaded = content ?? tables.load();
      content = undefined;
      return loaded;
    },
    nextSeq: () => ++seq,
    lastSeq: () => seq,
    putTwin(twin, { outbox: toOutbox } = { outbox: true }) {
      // Written down here, not at the commit: what cannot be written must be the caller's error, not the group's.
      const json = JSON.stringify(twin);
      const at = clock.now();
      const point = history.pointOf(twin);
      group.put({
        run() {
          tables.putTwin(twin, json);
          if (toOutbox) outbox.add(twin, json, at);
        },
        points: point && [point],
        update: twin,
      });
    },
    removeTwins(device) {
      const series = history.forget(device);
      put(() => {
        tables.removeTwins(device);
        for (const id of series) tables.history.removeSeries(id);
      });
    },
    removeTwin(device, property) {
      const series = history.forget(device, property);
      put(() => {
        tables.removeTwin(device, property);
        for (const id of series) tables.history.removeSeries(id);
      });
    },
    putState(state) {
      const json = JSON.stringify(state);
      put(() => tables.putState(state.device, json));
    },
    putObjects(upsert, remove) {
      const rows = upsert.map((object) => ({ ref: refOf(object), json: JSON.stringify(object) }));
      put(() => {
        for (const { ref, json } of rows) tables.putObject(ref, json);
        for (const ref of remove) tables.removeObject(ref);
      });
    },
    putProposal(proposal) {
      const json = JSON.stringify(proposal);
      put(() => tables.putProposal(proposal.change, proposal.property, json));
    },
    removeProposal: (change, property) => put(() => tables.removeProposal(change, property)),
    putCollected(collected, at) {
      putPoints(
        collected
          .map(({ twin, gapMs }) => history.hold(twin, at, gapMs))
          .filter((point) => point !== undefined),
      );
    },
    breakHistory: (device, at, reason) => putPoints(history.breaks(device, at, reason)),
    readHistory: ({ device, property, ...range }) => history.read(device, property, range),
    putChange(record) {
      const { id } = record.change;
      const json = JSON.stringify(record);
      // A request that is repeated at once must find the first, which may wait for its commit still.
      waitingChanges.set(id, record);
      group.put({ run: () => ledger.putChange(record, json, LEDGER_LIMIT), change: record });
    },
    change: (id) => waitingChanges.get(id) ?? ledger.change(id),
    changeByKey(principal, key) {
      const isIt = ({ change, idempotencyKey }: ChangeRecord) =>
        change.createdBy === principal && idempotencyKey === key;
      return [...waitingChanges.values()].findLast(isIt) ?? ledger.changeByKey(principal, key);
    },
    putConflict(conflict) {
      const json = JSON.stringify(conflict);
      put(() => ledger.putConflict(conflict, json, LEDGER_LIMIT));
    },
    conflict: (id) => ledger.conflict(id),
    conflicts: (query) => ledger.conflicts(query),
    durable: () => group.durable(),
    flush: () => group.flush(),
    facts: () => ({ isRefused: isFailing, isHistoryStopped: history.isStopped, recovery }),
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
    onItsWay: (arrivedSeq, sentSeq) => void Object.assign(way, { arrivedSeq, sentSeq }),
    readOutbox: (afterSeq, limit) => outbox.read(afterSeq, limit),
    outboxStats(now) {
      const oldestAt = outbox.oldestAt();
      const oldestAgeMs = oldestAt === undefined ? 0 : Math.max(0, now - oldestAt);
      return { ...outbox.totals, oldestAgeMs, dropped: meta.number('dropped') };
    },
    messages: boxes.store,
    async close() {
      if (isClosed) return;
      isClosed = true;
      cancelCopies();
      guard.close();
      try {
        group.close();
        tidy();
      } finally {
        tables.close();
      }
    },
  };
}
