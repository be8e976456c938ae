import { OctographError } from '../../lib/errors.ts';
import { type ObjectRef, refKey } from '../../twin/node-object.ts';
import type { Twin } from '../../twin/twin.ts';
import type { StoreContent } from '../contract.ts';
import type { HistoryTable } from '../history/table.ts';
import type { LedgerTable, MessageTable, MetaTable, OutboxTable, StoreTables } from '../tables.ts';
import type { MemoryDisk } from './disk.ts';

/** What a store does on a disk in memory. */
export class MemoryTables implements StoreTables {
  readonly meta: MetaTable;
  readonly outbox: OutboxTable;
  readonly history: HistoryTable;
  readonly ledger: LedgerTable;
  readonly messages: MessageTable;
  readonly #disk: MemoryDisk;
  readonly #session: number;

  /** @throws OctographError `STORE_LOCKED` while another store is open on the disk */
  constructor(disk: MemoryDisk) {
    const session = disk.acquire();
    if (session === undefined) {
      throw new OctographError('STORE_LOCKED', 'the memory disk is in use by another store');
    }
    this.#disk = disk;
    this.#session = session;
    this.outbox = disk.outbox;
    this.history = disk.history;
    this.ledger = disk.ledger;
    this.messages = disk.messages;
    this.meta = {
      get: (key) => disk.meta.get(key),
      number: (key) => Number(disk.meta.get(key) ?? 0),
      set: (key, value) => void disk.meta.set(key, value),
    };
  }

  transaction(run: () => void): void {
    // Maps do not fail half way: to refuse before the first write is to write all or nothing.
    if (!this.#disk.holds(this.#session))
      throw new OctographError('STORE_CLOSED', 'the memory disk was taken away');
    if (this.#disk.isFull) throw new OctographError('STORE_FULL', 'the memory disk is full');
    run();
  }

  load(): StoreContent {
    const parse = (rows: Iterable<string>) => Array.from(rows, (json) => JSON.parse(json));
    return {
      twins: parse(Array.from(this.#disk.twins.values(), ({ json }) => json)),
      states: parse(this.#disk.states.values()),
      objects: parse(this.#disk.objects.values()),
      proposals: parse(this.#disk.proposals.values()),
    };
  }

  putTwin({ device, property, seq }: Twin, json: string): void {
    this.#disk.twins.set(`${device}/${property}`, { device, seq, json });
  }

  removeTwins(device: string): void {
    for (const [key, row] of this.#disk.twins) if (row.device === device) this.#disk.twins.delete(key);
    this.#disk.states.delete(device);
  }

  removeTwin(device: string, property: string): void {
    this.#disk.twins.delete(`${device}/${property}`);
  }

  putState(device: string, json: string): void {
    this.#disk.states.set(device, json);
  }

  putObject(ref: ObjectRef, json: string): void {
    this.#disk.objects.set(refKey(ref), json);
  }

  removeObject(ref: ObjectRef): void {
    this.#disk.objects.delete(refKey(ref));
  }

  putProposal(change: string, property: string, json: string): void {
    this.#disk.proposals.set(`${change}/${property}`, json);
  }

  removeProposal(change: string, property: string): void {
    this.#disk.proposals.delete(`${change}/${property}`);
  }

  makeRoom(): void {}

  takeRoomBack = () => !this.#disk.isFull;

  writeCopy(): void {}

  close(): void {
    this.#disk.release(this.#session);
  }
}
