import type { PublicationRecord } from '../../twin/message.ts';
import type { BoxTotals } from '../contract.ts';
import type { MessageTable } from '../tables.ts';

interface Row {
  box: string;
  seq: number;
  bytes: number;
  json: string;
}

export class MemoryMessages implements MessageTable {
  #rows: Row[] = [];
  readonly #records = new Map<string, string>();

  totals(): Map<string, BoxTotals> {
    const boxes = new Set(this.#rows.map(({ box }) => box));
    return new Map(Array.from(boxes, (box) => [box, this.totalsBetween(box, 0, Number.POSITIVE_INFINITY)]));
  }

  totalsBetween(box: string, after: number, upTo: number): BoxTotals {
    const rows = this.#behind(box, after).filter(({ seq }) => seq <= upTo);
    return { items: rows.length, bytes: rows.reduce((sum, { bytes }) => sum + bytes, 0) };
  }

  add(box: string, seq: number, bytes: number, json: string): void {
    this.#rows.push({ box, seq, bytes, json });
  }

  read(box: string, after: number, { items, bytes }: BoxTotals): string[] {
    let left = bytes;
    const texts: string[] = [];
    for (const row of this.#behind(box, after).slice(0, items)) {
      left -= row.bytes;
      if (left < 0 && texts.length > 0) break;
      texts.push(row.json);
    }
    return texts;
  }

  removeUpTo(box: string, seq: number): void {
    this.#rows = this.#rows.filter((row) => row.box !== box || row.seq > seq);
  }

  seqToFree(box: string, after: number, wanted: BoxTotals): number | undefined {
    let upTo: number | undefined;
    let { items, bytes } = wanted;
    for (const row of this.#behind(box, after)) {
      if (items <= 0 && bytes <= 0) break;
      upTo = row.seq;
      items--;
      bytes -= row.bytes;
    }
    return upTo;
  }

  putRecord({ principal, idempotencyKey }: PublicationRecord, json: string, limit: number): void {
    this.#records.set(keyOf(principal, idempotencyKey), json);
    for (const key of this.#records.keys()) {
      if (this.#records.size <= limit) return;
      this.#records.delete(key);
    }
  }

  record(principal: string, key: string): PublicationRecord | undefined {
    const json = this.#records.get(keyOf(principal, key));
    return json === undefined ? undefined : JSON.parse(json);
  }

  #behind(box: string, after: number): Row[] {
    return this.#rows.filter((row) => row.box === box && row.seq > after);
  }
}

const keyOf = (principal: string, key: string): string => JSON.stringify([principal, key]);
