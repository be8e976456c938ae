import type { ChangeRecord } from '../twin/change.ts';
import type { Conflict } from '../twin/conflict.ts';
import type { PublicationRecord } from '../twin/message.ts';
import type { ObjectRef } from '../twin/node-object.ts';
import type { Twin } from '../twin/twin.ts';
import type { BoxTotals, ConflictQuery, StoreContent } from './contract.ts';
import type { HistoryTable } from './history/table.ts';

export type MetaKey =
  | 'storeId'
  | 'epoch'
  | 'reservedSeq'
  | 'replicaId'
  | 'ackedSeq'
  | 'dropped'
  | 'messageSeq'
  | 'messagesDropped'
  | 'messagesTold'
  | 'publishedQueue'
  | 'publishedSeq';

/** The store's few facts about itself. */
export interface MetaTable {
  get(key: MetaKey): string | undefined;
  /** 0 where it was never set. */
  number(key: MetaKey): number;
  set(key: MetaKey, value: string): void;
}

/** Positions: up to `arrivedSeq` the replica has it, up to `sentSeq` it is on its way. */
export interface OnItsWay {
  arrivedSeq: number;
  sentSeq: number;
}

export interface OutboxTotals {
  items: number;
  bytes: number;
}

/** What the cloud has not acknowledged yet: one row per report, in the order of their positions. */
export interface OutboxTable {
  readonly totals: Readonly<OutboxTotals>;
  add(twin: Twin, json: string, at: number): void;
  removeUpTo(seq: number): void;
  /**
   * Removes the oldest rows that a newer one of their property supersedes, and those of devices that are gone, until no more
   * than `targetBytes` are left or none is superseded; none that is on its way. @returns how many went that had not arrived
   */
  coalesce(targetBytes: number, way: OnItsWay): number;
  read(afterSeq: number, limit: number): Twin[];
  /** Wall clock, milliseconds: when the oldest row was put. */
  oldestAt(): number | undefined;
}

/** [S14] Changes and conflicts. */
export interface LedgerTable {
  /** Puts a change, or the same one grown; beyond `limit` the oldest go. */
  putChange(record: ChangeRecord, json: string, limit: number): void;
  change(id: string): ChangeRecord | undefined;
  /** The newest change of the principal with the key. */
  changeByKey(principal: string, key: string): ChangeRecord | undefined;
  /** Puts a conflict, or the same one resolved; beyond `limit` the oldest resolved ones go. */
  putConflict(conflict: Conflict, json: string, limit: number): void;
  conflict(id: string): Conflict | undefined;
  /** The newest first. */
  conflicts(query: ConflictQuery): Conflict[];
}

/** [S15] Messages on their way, in boxes, and what became of those that have an idempotency key. */
export interface MessageTable {
  totals(): Map<string, BoxTotals>;
  /** Of the rows behind `after` and up to `upTo`. */
  totalsBetween(box: string, after: number, upTo: number): BoxTotals;
  add(box: string, seq: number, bytes: number, json: string): void;
  /** The rows behind `after`, in order: as many as the limit holds, and one where it holds none. */
  read(box: string, after: number, limit: BoxTotals): string[];
  removeUpTo(box: string, seq: number): void;
  /** Up to where the oldest rows behind `after` have to go for so much to be free; undefined where there are none. */
  seqToFree(box: string, after: number, wanted: BoxTotals): number | undefined;
  /** Puts a record, or the same one further on; beyond `limit` the oldest go. */
  putRecord(record: PublicationRecord, json: string, limit: number): void;
  record(principal: string, key: string): PublicationRecord | undefined;
}

/** Where a store's rows lie: an SQLite file, or memory. Everything that writes runs inside `transaction`. */
export interface StoreTables {
  readonly meta: MetaTable;
  readonly outbox: OutboxTable;
  readonly history: HistoryTable;
  readonly ledger: LedgerTable;
  readonly messages: MessageTable;
  /** Makes all that `run` writes durable, or nothing of it; throws when the disk refuses. */
  transaction(run: () => void): void;
  load(): StoreContent;
  putTwin(twin: Twin, json: string): void;
  removeTwins(device: string): void;
  removeTwin(device: string, property: string): void;
  putState(device: string, json: string): void;
  putObject(ref: ObjectRef, json: string): void;
  removeObject(ref: ObjectRef): void;
  putProposal(change: string, property: string, json: string): void;
  removeProposal(change: string, property: string): void;
  /** [S12] The disk is full: gives up what can be spared. Not within a transaction; throws where that is refused too. */
  makeRoom(): void;
  /** [S12] Takes back what `makeRoom` gave up besides history. @returns false while the disk has no room for it */
  takeRoomBack(): boolean;
  /** [S13] Brings a good copy to safety. Not within a transaction. */
  writeCopy(): void;
  close(): void;
}
