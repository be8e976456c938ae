import type { ObjectRef } from '../twin/node-object.ts';
import type { Twin } from '../twin/twin.ts';
import type { StoreContent } from './contract.ts';
import type { HistoryTable } from './history/table.ts';

export type MetaKey = 'storeId' | 'epoch' | 'reservedSeq' | 'replicaId' | 'ackedSeq' | 'dropped';

/** The store's few facts about itself. */
export interface MetaTable {
  get(key: MetaKey): string | undefined;
  /** 0 where it was never set. */
  number(key: MetaKey): number;
  set(key: MetaKey, value: string): void;
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
   * than `targetBytes` are left or none is superseded. @returns how many went
   */
  coalesce(targetBytes: number): number;
  read(afterSeq: number, limit: number): Twin[];
  /** Wall clock, milliseconds: when the oldest row was put. */
  oldestAt(): number | undefined;
}

/** Where a store's rows lie: an SQLite file, or memory. Everything that writes runs inside `transaction`. */
export interface StoreTables {
  readonly meta: MetaTable;
  readonly outbox: OutboxTable;
  readonly history: HistoryTable;
  /** Makes all that `run` writes durable, or nothing of it; throws when the disk refuses. */
  transaction(run: () => void): void;
  load(): StoreContent;
  putTwin(twin: Twin, json: string): void;
  removeTwins(device: string): void;
  putState(device: string, json: string): void;
  putObject(ref: ObjectRef, json: string): void;
  removeObject(ref: ObjectRef): void;
  putProposal(change: string, property: string, json: string): void;
  removeProposal(change: string, property: string): void;
  close(): void;
}
