import type { TwinFieldsFragment } from '../../schema/generated/dashboard/graphql.ts';

export type Freshness = TwinFieldsFragment['freshness'];

/** What the server said of a value's freshness, and when it said so here. */
export interface Heard {
  freshness: Freshness;
  /** Monotonic ms of this page. */
  at: number;
}

/** How often the page asks for the freshness of values that do not change. */
export const REFRESH_MS = 5000;

/** The server's own rule, one level up: three cycles without a word, and what is shown is stale. */
export const SILENCE_MS = 3 * REFRESH_MS;

export interface Staleness {
  stale: boolean;
  /** Since the last successful collection; undefined: there was none. */
  ageMs: number | undefined;
  why?: string;
}

/** Whether a value may still be believed at `now`, judged without the server where that is silent. */
export function judgeFreshness({ freshness, at }: Heard, now: number): Staleness {
  const silentMs = now - at;
  const ageMs =
    freshness.ageMs === null || freshness.ageMs === undefined ? undefined : freshness.ageMs + silentMs;
  if (freshness.link === 'DOWN' && freshness.source !== 'EDGE' && freshness.source !== 'DEVICE')
    return { stale: true, ageMs, why: 'the link to its node is down: last known value' };
  if (freshness.stale) return { stale: true, ageMs, why: 'its device has not been read for three cycles' };
  if (silentMs > SILENCE_MS) return { stale: true, ageMs, why: 'this page has heard nothing of it' };
  return { stale: false, ageMs };
}
