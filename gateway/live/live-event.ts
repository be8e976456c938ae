/**
 * One step of a live set.
 * - `SNAPSHOT`: a value as it is at the moment of subscription; `SNAPSHOT_END`: all of them have come.
 * - `UPDATED`: a value that was published after the snapshot, or after the cursor resumed at.
 * - `GAP`: the subscriber was too slow; `gap.dropped` updates that it wanted were dropped in this place.
 * - `RESET`: the cursor resumed at cannot be honoured; forget what you have, a snapshot follows.
 */
export type LiveEvent<T> =
  | { kind: 'SNAPSHOT'; cursor: string; value: T }
  | { kind: 'SNAPSHOT_END'; cursor: string }
  | { kind: 'UPDATED'; cursor: string; value: T }
  | { kind: 'GAP'; cursor: string; gap: { dropped: number } }
  | { kind: 'RESET'; cursor: string };
