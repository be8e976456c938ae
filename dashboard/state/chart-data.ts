import type { Value } from './format.ts';
import type { TimeRange } from './time-range.ts';

/** Columns of one length; null where nothing is known, so that the line breaks there. */
export interface ChartData {
  /** Middle of each stretch, seconds since 1970. */
  times: number[];
  lows: (number | null)[];
  highs: (number | null)[];
  means: (number | null)[];
  /** False: text, which has no height. */
  isDrawable: boolean;
}

interface Sample {
  at: string;
  value?: Value | undefined;
}

/**
 * Lines up what the server says of the same stretches in two ways.
 * @param count stretches of equal length that the range was cut into
 */
export function chartDataOf(
  { from, to }: TimeRange,
  count: number,
  extremes: { samples: readonly Sample[]; gaps: ReadonlyArray<{ from: string; to: string }> },
  means: { samples: readonly Sample[] },
): ChartData {
  const width = (to - from) / count;
  const stretchOf = (at: string) =>
    Math.min(count - 1, Math.max(0, Math.floor((Date.parse(at) - from) / width)));
  const empty = () => new Array<number | null>(count).fill(null);
  const data: ChartData = {
    times: Array.from({ length: count }, (_, index) => (from + (index + 0.5) * width) / 1000),
    lows: empty(),
    highs: empty(),
    means: empty(),
    isDrawable: true,
  };
  for (const { at, value } of means.samples) {
    const height = heightOf(value);
    data.isDrawable &&= height !== undefined;
    data.means[stretchOf(at)] = height ?? null;
  }
  for (const { at, value } of extremes.samples) {
    const height = heightOf(value);
    if (height === undefined || height === null) continue;
    const stretch = stretchOf(at);
    data.lows[stretch] = Math.min(data.lows[stretch] ?? height, height);
    data.highs[stretch] = Math.max(data.highs[stretch] ?? height, height);
  }
  for (let stretch = 0; stretch < count; stretch++) {
    const middle = from + (stretch + 0.5) * width;
    const isGap = extremes.gaps.some((gap) => Date.parse(gap.from) <= middle && middle < Date.parse(gap.to));
    const mean = isGap ? null : (data.means[stretch] ?? null);
    data.means[stretch] = mean;
    // Held over the whole stretch: the band has no height there.
    data.lows[stretch] = isGap ? null : (data.lows[stretch] ?? mean);
    data.highs[stretch] = isGap ? null : (data.highs[stretch] ?? mean);
  }
  return data;
}

/** The least and the greatest of all that is drawn; undefined where nothing is. */
export function extentOf({ lows, highs }: ChartData): [least: number, greatest: number] | undefined {
  const known = (columns: readonly (number | null)[]) => columns.filter((height) => height !== null);
  const [least, greatest] = [Math.min(...known(lows)), Math.max(...known(highs))];
  return Number.isFinite(least) ? [least, greatest] : undefined;
}

/** Undefined: text. Null, as of a reading that was no number, is a hole. */
function heightOf(value: Value | undefined): number | null | undefined {
  if (typeof value === 'string') return undefined;
  return value === null || value === undefined ? null : Number(value);
}
