import type { Twin } from '../../twin/twin.ts';
import type { OnItsWay, OutboxTable, OutboxTotals } from '../tables.ts';

interface Row {
  seq: number;
  device: string;
  property: string;
  at: number;
  json: string;
  bytes: number;
}

export class MemoryOutbox implements OutboxTable {
  readonly #newestSeq: (device: string, property: string) => number | undefined;
  #rows: Row[] = [];

  /** @param newestSeq the position of the stored twin, if there is one */
  constructor(newestSeq: (device: string, property: string) => number | undefined) {
    this.#newestSeq = newestSeq;
  }

  copyFrom(other: MemoryOutbox): void {
    this.#rows = [...other.#rows];
  }

  get totals(): OutboxTotals {
    return { items: this.#rows.length, bytes: this.#rows.reduce((sum, { bytes }) => sum + bytes, 0) };
  }

  add({ seq, device, property }: Twin, json: string, at: number): void {
    this.#rows.push({ seq, device, property, at, json, bytes: Buffer.byteLength(json) });
  }

  removeUpTo(seq: number): void {
    this.#rows = this.#rows.filter((row) => row.seq > seq);
  }

  coalesce(targetBytes: number, { arrivedSeq, sentSeq }: OnItsWay): number {
    let lost = 0;
    let { bytes } = this.totals;
    this.#rows = this.#rows.filter((row) => {
      const newest = this.#newestSeq(row.device, row.property);
      const isOnItsWay = row.seq > arrivedSeq && row.seq <= sentSeq;
      if (bytes <= targetBytes || newest === row.seq || isOnItsWay) return true;
      bytes -= row.bytes;
      if (row.seq > arrivedSeq) lost++;
      return false;
    });
    return lost;
  }

  read(afterSeq: number, limit: number): Twin[] {
    const rows = this.#rows.filter(({ seq }) => seq > afterSeq).slice(0, limit);
    return rows.map(({ json }) => JSON.parse(json));
  }

  oldestAt(): number | undefined {
    return this.#rows[0]?.at;
  }
}
