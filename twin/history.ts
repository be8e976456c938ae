import type { Quality, TwinValue } from './value.ts';

export const DOWNSAMPLE_METHODS = ['MINMAX', 'AVG', 'RAW'] as const;
export type DownsampleMethod = (typeof DOWNSAMPLE_METHODS)[number];

/** What a property was: from `at`, and seen again up to `until`. Null where nothing was known. */
export interface HistoryEntry {
  /** Wall clock, milliseconds. */
  at: number;
  /** Wall clock, milliseconds; `at` where it was seen once. */
  until: number;
  value: TwinValue;
  quality: Quality;
  raw?: string;
}

export interface HistorySample {
  /** Wall clock, milliseconds. */
  at: number;
  value: TwinValue;
  quality: Quality;
  raw?: string;
}

/** Nothing is known of the property in between. Wall clock, milliseconds. */
export interface HistoryGap {
  from: number;
  to: number;
}

export interface History {
  samples: HistorySample[];
  gaps: HistoryGap[];
  /** RAW only: more was recorded than `points`; it goes on here. Wall clock, milliseconds. */
  next?: number;
}

export interface HistoryRange {
  /** Wall clock, milliseconds; `from` < `to`. */
  from: number;
  to: number;
  /** Samples of the answer at most, from 1. */
  points: number;
  method: DownsampleMethod;
  /** Milliseconds of silence that are a gap; absent where the property comes by event, so that a value holds until the next. */
  gapMs?: number;
}

/** The way from entries to an answer of one size: add them in time order, then finish. */
export interface Downsampler {
  /** @returns false when no later entry can change the answer */
  add(entry: HistoryEntry): boolean;
  finish(): History;
}

/** What a method makes of one entry within the range, holding its value up to `end`. */
interface Method {
  add(entry: HistoryEntry, start: number, end: number): boolean;
  finish(): Pick<History, 'samples' | 'next'>;
}

/** [T18] A gap shorter than this many milliseconds is the reading's own duration. */
const COLLECTION_MS = 100;

/** [T18] Samples sized to what can be seen, with the gaps between them. */
export function createDownsampler(range: HistoryRange): Downsampler {
  const { from, to, points, gapMs } = range;
  const method = methodOf(range);
  const silence = gapMs === undefined ? Number.POSITIVE_INFINITY : gapMs + COLLECTION_MS;
  // A gap that is narrower than a sample's share of the range could not be drawn.
  const narrowest = range.method === 'RAW' ? 0 : (to - from) / points;
  const gaps: HistoryGap[] = [];
  let last: HistoryEntry | undefined;

  const gap = (start: number, end: number) => {
    const previous = gaps.at(-1);
    if (previous && start <= previous.to) previous.to = Math.max(previous.to, end);
    else if (end > start) gaps.push({ from: start, to: end });
  };
  const place = (entry: HistoryEntry, end: number): boolean => {
    const start = Math.max(entry.at, from);
    // What ends where the range begins has its successor there.
    if (start > to || end < from || (end === from && entry.at < from)) return true;
    if (entry.value === null) gap(start, Math.min(end, to));
    return method.add(entry, start, Math.min(end, to));
  };

  return {
    add(entry) {
      const previous = last;
      last = entry;
      if (!previous) {
        if (entry.at > from) gap(from, Math.min(entry.at, to));
        return true;
      }
      const isSilent = entry.at - previous.until > silence && previous.value !== null;
      const end = isSilent ? previous.until : Math.max(previous.at, entry.at);
      const goesOn = place(previous, end);
      if (isSilent && entry.at > from && end < to) gap(Math.max(end, from), Math.min(entry.at, to));
      return goesOn && entry.at <= to;
    },
    finish() {
      if (!last) gap(from, to);
      else if (last.at <= to) {
        const isSilent = to - last.until > silence && last.value !== null;
        place(last, isSilent ? last.until : to);
        if (isSilent) gap(Math.max(last.until, from), to);
      }
      const { samples, next } = method.finish();
      const seen = gaps.filter((each) => each.to - each.from > Math.max(narrowest, COLLECTION_MS));
      return { samples, gaps: next === undefined ? seen : seen.filter((each) => each.from < next), next };
    },
  };
}

function methodOf(range: HistoryRange): Method {
  switch (range.method) {
    case 'MINMAX':
      return minMax(range);
    case 'AVG':
      return average(range);
    case 'RAW':
      return raw(range);
  }
}

const sampleOf = ({ value, quality, raw }: HistoryEntry, at: number): HistorySample =>
  raw === undefined ? { at, value, quality } : { at, value, quality, raw };

/** Everything, each entry with its beginning and, where it was seen again, its end. */
function raw({ from, to, points }: HistoryRange): Method {
  const samples: HistorySample[] = [];
  let next: number | undefined;
  return {
    add(entry, start) {
      if (next !== undefined) return false;
      const until = Math.min(entry.until, to);
      const needed = until > start ? 2 : 1;
      if (samples.length > 0 && samples.length + needed > points) {
        next ??= Math.max(start, from + 1);
        return false;
      }
      samples.push(sampleOf(entry, Math.max(start, from)));
      if (needed === 2 && samples.length < points) samples.push(sampleOf(entry, until));
      return true;
    },
    finish: () => ({ samples, next }),
  };
}

/** Per bucket the lowest and the highest, where they were: no peak is lost. Of text the first and the last. */
function minMax({ from, to, points }: HistoryRange): Method {
  const count = Math.max(1, Math.floor(points / 2));
  const width = (to - from) / count;
  const lows: HistorySample[] = [];
  const highs: HistorySample[] = [];
  const point = (entry: HistoryEntry, at: number) => {
    const bucket = Math.min(count - 1, Math.floor((at - from) / width));
    const low = lows[bucket];
    const high = highs[bucket];
    if (!low || isBelow(entry.value, low.value)) lows[bucket] = sampleOf(entry, at);
    if (!high || isText(entry.value) || isBelow(high.value, entry.value)) highs[bucket] = sampleOf(entry, at);
  };
  return {
    add(entry, start) {
      if (entry.value === null) return true;
      point(entry, start);
      if (entry.until > start) point(entry, Math.min(entry.until, to));
      return true;
    },
    finish() {
      const samples: HistorySample[] = [];
      for (let bucket = 0; bucket < count; bucket++) {
        const pair = [lows[bucket], highs[bucket]].filter((sample) => sample !== undefined);
        pair.sort((a, b) => a.at - b.at);
        if (pair[0]) samples.push(pair[0]);
        if (pair[1] && pair[1].at !== pair[0]?.at) samples.push(pair[1]);
      }
      return { samples: samples.slice(0, points) };
    },
  };
}

const isText = (value: TwinValue) => typeof value === 'string';

/** Booleans are ordered as 0 and 1; text is not ordered: nothing is below it. */
const isBelow = (a: TwinValue, b: TwinValue) => !isText(a) && !isText(b) && Number(a) < Number(b);

interface Mean {
  weighted: number;
  weight: number;
  last: HistoryEntry;
  isUncertain: boolean;
}

/** Per bucket the mean over time, at the bucket's middle. Of what has no mean, the last value. */
function average({ from, to, points }: HistoryRange): Method {
  const width = (to - from) / points;
  const buckets: Mean[] = [];
  return {
    add(entry, start, end) {
      if (entry.value === null) return true;
      const lastBucket = Math.min(points - 1, Math.floor((end - from) / width));
      for (
        let bucket = Math.min(points - 1, Math.floor((start - from) / width));
        bucket <= lastBucket;
        bucket++
      ) {
        const edge = from + bucket * width;
        const weight = Math.min(end, edge + width) - Math.max(start, edge);
        // What ends where a bucket begins says nothing of that bucket.
        if (weight <= 0 && end > start) continue;
        const mean = buckets[bucket];
        if (mean) {
          mean.weighted += Number(entry.value) * weight;
          mean.weight += weight;
          mean.last = entry;
          mean.isUncertain ||= entry.quality !== 'GOOD';
        } else {
          const weighted = Number(entry.value) * weight;
          buckets[bucket] = { weighted, weight, last: entry, isUncertain: entry.quality !== 'GOOD' };
        }
      }
      return true;
    },
    finish() {
      const samples: HistorySample[] = [];
      buckets.forEach(({ weighted, weight, last, isUncertain }, bucket) => {
        const mean = typeof last.value === 'number' && weight > 0 ? weighted / weight : last.value;
        const value = Number.isNaN(mean) ? last.value : mean;
        samples.push({
          at: from + (bucket + 0.5) * width,
          value,
          quality: isUncertain ? 'UNCERTAIN' : last.quality,
        });
      });
      return { samples };
    },
  };
}
