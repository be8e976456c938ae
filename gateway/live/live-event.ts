/**
 * One step of a live set.
 * - `SNAPSHOT`: a member as it is at the moment of subscription; `SNAPSHOT_END`: all of them have come.
 * - `ENTERED`: a value became a member: it came to be, or began to match.
 * - `UPDATED`: a member changed.
 * - `LEFT`: a value is no member any more; `isGone` where it ceased to be, else it ceased to match.
 * - `GAP`: the subscriber was too slow; `gap.dropped` events that it wanted were dropped in this place.
 * - `RESET`: forget what you have, a snapshot follows.
 */
export type LiveEvent<V> =
  | { kind: 'SNAPSHOT'; cursor: string; value: V }
  | { kind: 'SNAPSHOT_END'; cursor: string }
  | ({ cursor: string } & LiveStep<V>)
  | { kind: 'GAP'; cursor: string; gap: { dropped: number } }
  | { kind: 'RESET'; cursor: string };

/** What a change is to those who see the set in one way; `skipped` updates before it were folded into it. */
export type LiveStep<V> =
  | { kind: 'ENTERED' | 'UPDATED'; value: V; skipped?: number }
  /** The value as it is now, or as it was last. */
  | { kind: 'LEFT'; value: V; isGone: boolean; skipped?: number };
