import type { MetaKey } from '../tables.ts';
import { MemoryHistoryTable } from './history-table.ts';
import { MemoryLedger } from './ledger.ts';
import { MemoryMessages } from './messages.ts';
import { MemoryOutbox } from './outbox.ts';

/**
 * A disk in memory: it outlives the stores that are opened on it, as a file does. Rows are kept as text, so that nobody shares
 * an object with it.
 */
export class MemoryDisk {
  /** It refuses every write. */
  isFull = false;
  readonly meta = new Map<MetaKey, string>();
  readonly twins = new Map<string, { device: string; seq: number; json: string }>();
  readonly states = new Map<string, string>();
  readonly objects = new Map<string, string>();
  readonly proposals = new Map<string, string>();
  readonly outbox = new MemoryOutbox((device, property) => this.twins.get(`${device}/${property}`)?.seq);
  readonly history = new MemoryHistoryTable();
  readonly ledger = new MemoryLedger();
  readonly messages = new MemoryMessages();
  #session = 0;
  #isOpen = false;

  /** As a backup has it that was made now: all but history and ledger. */
  copy(): MemoryDisk {
    const copy = new MemoryDisk();
    for (const [key, value] of this.meta) copy.meta.set(key, value);
    for (const [key, row] of this.twins) copy.twins.set(key, row);
    for (const [key, json] of this.states) copy.states.set(key, json);
    for (const [key, json] of this.objects) copy.objects.set(key, json);
    for (const [key, json] of this.proposals) copy.proposals.set(key, json);
    copy.outbox.copyFrom(this.outbox);
    return copy;
  }

  /** @returns the number of the session that has the disk now, or undefined while another one has it */
  acquire(): number | undefined {
    if (this.#isOpen) return undefined;
    this.#isOpen = true;
    return ++this.#session;
  }

  holds(session: number): boolean {
    return this.#isOpen && session === this.#session;
  }

  release(session: number): void {
    if (this.holds(session)) this.#isOpen = false;
  }

  /** What the store that has it put and did not commit is lost; whatever it does later does not get here. */
  crash(): void {
    this.#isOpen = false;
  }
}
