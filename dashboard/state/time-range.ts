/** Wall clock ms; `from` < `to`. */
export interface TimeRange {
  from: number;
  to: number;
}

/** Lengths that a history is offered in, ms. */
export const SPANS: ReadonlyArray<[name: string, ms: number]> = [
  ['5 min', 300_000],
  ['1 h', 3_600_000],
  ['6 h', 21_600_000],
  ['24 h', 86_400_000],
  ['7 d', 604_800_000],
];

export const DEFAULT_SPAN_MS = 300_000;

/** The range that ends now. */
export const lastOf = (spanMs: number, now: number): TimeRange => ({ from: now - spanMs, to: now });

/** Shorter than this a zoom is a slip of the hand, ms. */
export const NARROWEST_MS = 1000;
