import type { ChangeRecord } from '../twin/change.ts';
import type { Conflict } from '../twin/conflict.ts';
import type { History, HistoryRange } from '../twin/history.ts';
import type { PublicationRecord } from '../twin/message.ts';
import type { NodeObject, ObjectRef } from '../twin/node-object.ts';
import type { DeviceStateInfo, Proposal, Twin } from '../twin/twin.ts';

/** Who this store is: the order key of what it reports is (device uid, store id, epoch, seq). */
export interface StoreIdentity {
  /** Made with the file; another one is another history. */
  storeId: string;
  /** Grows at each start. */
  epoch: number;
}

export interface OutboxStats {
  items: number;
  bytes: number;
  /** Milliseconds since the oldest row was stored. */
  oldestAgeMs: number;
  /** Rows coalesced away beyond the byte bound, since the store was made. */
  dropped: number;
}

/** What the store held when it was opened. */
export interface StoreContent {
  twins: Twin[];
  states: DeviceStateInfo[];
  objects: NodeObject[];
  proposals: Proposal[];
}

/** [S13] The file was found corrupt at the start, and what was done. */
export interface StoreRecovery {
  /** Wall clock, milliseconds. */
  at: number;
  /** Where the corrupt file lies now. */
  quarantine: string;
  /** The copy that took its place; absent where the store began empty. */
  restoredFrom?: string;
  reason: string;
}

export interface ConflictQuery {
  device?: string;
  /** Only those that nobody has seen to. */
  isOpen?: boolean;
  /** The id of the last one that the reader has. */
  after?: string;
  limit: number;
}

/** How the store fares. */
export interface StoreFacts {
  /** The disk refuses what was put: it waits. */
  isRefused: boolean;
  /** No history is written, since the disk is full or what holds the history is broken. */
  isHistoryStopped: boolean;
  recovery?: StoreRecovery;
}

/** A property, and the range of its history. */
export interface HistoryQuery extends HistoryRange {
  device: string;
  property: string;
}

/** The replica that the node last synced with, and how far. */
export interface SyncPosition {
  replicaId?: string;
  ackedSeq: number;
}

export interface BoxTotals {
  items: number;
  /** As they are stored. */
  bytes: number;
}

/** What a box holds: a payload, and whatever else can be written as JSON. */
export interface BoxedMessage {
  payload: Uint8Array;
}

/**
 * [S15] Messages that wait for the other end of the tunnel, in boxes, and how far they got. Only what is read back may be
 * sent: it is durable.
 */
export interface MessageStore {
  /** @returns its position: it grows, over all boxes and restarts */
  put(box: string, message: BoxedMessage): number;
  /** Those behind `after` that are durable, in order: as many as the limit holds, and one where it holds none. */
  read<M extends BoxedMessage>(box: string, after: number, limit: BoxTotals): Array<M & { seq: number }>;
  /** They have arrived, or are not wanted any more. @returns how many were still there */
  remove(box: string, upTo: number): number;
  /** What waits, with what waits for its commit. */
  totals(box: string): BoxTotals;
  /** Messages that wait for their commit. */
  waiting(): number;
  /** All boxes that hold something. */
  boxes(): ReadonlyMap<string, BoxTotals>;
  /** [S15] Where the box is beyond the limit, its oldest go, and are counted as dropped. */
  bound(box: string, limit: BoxTotals): void;
  /** So many more, or fewer, were dropped than `bound` counted. */
  drop(items: number): void;
  /** Since the store was made. */
  dropped(): number;
  /** How many of those the other end was told of. */
  droppedTold(): number;
  markTold(dropped: number): void;
  /** The other end's queue, and how far this end published it. */
  published(): { queue: string | undefined; seq: number };
  markPublished(queue: string, upTo: number): void;
  /** Puts a record, or the same one further on. It is found at once, before it is durable. */
  putRecord(record: PublicationRecord): void;
  record(principal: string, idempotencyKey: string): PublicationRecord | undefined;
  /** Called after each commit that held messages. */
  onCommit(listener: () => void): () => void;
}

/**
 * The durable side of an edge node. Writes gather in a group commit (SPEC.md S2): `durable()` tells when all that was
 * put before it is on disk. The working copy of the twins is the caller's.
 */
export interface EdgeStore {
  readonly identity: Readonly<StoreIdentity>;
  /** [S16] Begins another history: what was acknowledged under the old identity is acknowledged no more. */
  renewIdentity(): void;
  load(): StoreContent;
  /** The next position; never given twice, over restarts too. */
  nextSeq(): number;
  lastSeq(): number;
  /** Stores the twin and, in the same transaction, its outbox row; without one it is nothing for the cloud. */
  putTwin(twin: Twin, options?: { outbox: boolean }): void;
  removeTwins(device: string): void;
  /** Forgets one property, its history with it; the device's other properties and its state stay. */
  removeTwin(device: string, property: string): void;
  putState(state: DeviceStateInfo): void;
  putObjects(upsert: readonly NodeObject[], remove: readonly ObjectRef[]): void;
  putProposal(proposal: Proposal): void;
  removeProposal(change: string, property: string): void;
  /**
   * [S11] The properties were read again at `at` (wall clock, milliseconds) and say what their twins say. After a silence of more
   * than its `gapMs` a value begins anew; before, it went on.
   */
  putCollected(collected: ReadonlyArray<{ twin: Twin; gapMs: number }>, at: number): void;
  /** [S11] From `at` on (wall clock, milliseconds) nothing is known of the device, for the reason given. */
  breakHistory(device: string, at: number, reason: string): void;
  /** What the property was, as far as it is durable and kept. */
  readHistory(query: HistoryQuery): History;
  /** [S14] Puts a change, or the same one further on. It is found at once, before it is durable. */
  putChange(record: ChangeRecord): void;
  change(id: string): ChangeRecord | undefined;
  /** The newest change of that principal (`createdBy`) with that idempotency key. */
  changeByKey(principal: string, key: string): ChangeRecord | undefined;
  /** [S14] Puts a conflict, or the same one resolved. It is found once it is durable. */
  putConflict(conflict: Conflict): void;
  conflict(id: string): Conflict | undefined;
  /** The newest first. */
  conflicts(query: ConflictQuery): Conflict[];
  /** Resolves when everything put so far is on disk; rejects when the disk refuses it. */
  durable(): Promise<void>;
  /** Commits what was put so far, now. @returns false where the disk refused */
  flush(): boolean;
  /** Called after each commit with the updates that it made durable, in order. */
  onCommit(listener: (updates: Twin[]) => void): () => void;
  facts(): StoreFacts;
  readonly sync: SyncPosition;
  /** [S5] Everything up to `seq` is stored at the replica: its outbox rows go. */
  acknowledge(replicaId: string, seq: number): void;
  /**
   * [S6] On this connection the replica has all up to `arrivedSeq`, acknowledged or not, and what follows up to `sentSeq` is on its way.
   * Not remembered over a restart; after a cut both are what was acknowledged.
   */
  onItsWay(arrivedSeq: number, sentSeq: number): void;
  readOutbox(afterSeq: number, limit: number): Twin[];
  outboxStats(now: number): OutboxStats;
  readonly messages: MessageStore;
  close(): Promise<void>;
}
