import type { HistoryTable } from './table.ts';

export interface Retention {
  /** Milliseconds that a reading is kept; 0 keeps no history. */
  maxAgeMs: number;
  /** Bytes of all readings together. */
  maxBytes: number;
}

/** Part of the chunks that may go by age at once. */
const AGED_PER_ROUND = 1 / 64;

/**
 * [S10] Lets go what is too old, and while there is too much, the oldest of the property that has the most: one that changes
 * often does not push out the others. By age only a little goes at a time, so that a clock that jumps for a while does not
 * take the history with it.
 */
export function retain(table: HistoryTable, { maxAgeMs, maxBytes }: Retention, now: number): void {
  table.removeBefore(now - maxAgeMs, AGED_PER_ROUND);
  trim(table, maxBytes);
}

/** Lets history go until no more than `maxBytes` are left. */
export function trim(table: HistoryTable, maxBytes: number): void {
  let excess = table.bytes() - maxBytes;
  if (excess <= 0) return;
  const sizes = table.sizes();
  while (excess > 0) {
    sizes.sort((a, b) => b.bytes - a.bytes);
    const largest = sizes[0];
    const removed = largest ? table.removeOldest(largest.series) : 0;
    if (!largest || removed === 0) return;
    largest.bytes -= removed;
    excess -= removed;
  }
}
