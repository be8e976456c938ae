import { OctographError } from '../lib/errors.ts';
import type { DownsampleMethod, History } from '../twin/history.ts';
import type { Context, TwinSource } from './context.ts';

export interface HistoryArgs {
  /** Milliseconds since the epoch. */
  from?: number | null;
  to?: number | null;
  points?: number | null;
  method?: DownsampleMethod | null;
}

export const HISTORY_POINTS_LIMIT = 5000;
const HOUR_MS = 3_600_000;

/**
 * What a property was, from the node's own store: the last hour where nothing is said.
 * @throws OctographError `BAD_USER_INPUT`, `EDGE_NODE_OFFLINE`
 */
export async function history(
  twin: TwinSource,
  args: HistoryArgs,
  context: Context,
): Promise<History | null> {
  const to = args.to ?? context.clock.now();
  const from = args.from ?? to - HOUR_MS;
  const points = args.points ?? 300;
  if (from >= to) {
    const [begin, end] = [from, to].map((instant) => new Date(instant).toISOString());
    throw new OctographError(
      'BAD_USER_INPUT',
      `history goes from ${begin} to ${end}: expected a beginning before its end`,
    );
  }
  if (points < 1 || points > HISTORY_POINTS_LIMIT) {
    throw new OctographError('BAD_USER_INPUT', `points is ${points}: expected 1 to ${HISTORY_POINTS_LIMIT}`);
  }
  return context.history.read(twin.device, twin.model, { from, to, points, method: args.method ?? 'MINMAX' });
}
