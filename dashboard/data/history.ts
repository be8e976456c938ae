import { HistoryDocument } from '../../schema/generated/dashboard/graphql.ts';
import type { Ask } from '../api/request.ts';
import type { DeviceRef } from '../live/keys.ts';
import { type ChartData, chartDataOf } from '../state/chart-data.ts';
import type { TimeRange } from '../state/time-range.ts';

/** Stretches that a chart is made of: about as many as it has pixels to tell apart. */
export const STRETCHES = 300;

/** Undefined: the node keeps it, and the node is away. */
export async function loadHistory(
  ask: Ask,
  { namespace, name }: DeviceRef,
  property: string,
  range: TimeRange,
  signal?: AbortSignal,
): Promise<ChartData | undefined> {
  const variables = {
    ...{ namespace, name, property },
    from: new Date(range.from).toISOString(),
    to: new Date(range.to).toISOString(),
    points: STRETCHES,
    pairs: 2 * STRETCHES,
  };
  const twin = (await ask(HistoryDocument, variables, signal)).device?.twin;
  if (!twin?.extremes || !twin.means) return undefined;
  return chartDataOf(range, STRETCHES, twin.extremes, twin.means);
}
