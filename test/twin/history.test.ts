import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDownsampler, type History, type HistoryEntry, type HistoryRange } from '../../twin/history.ts';

const range = (fields: Partial<HistoryRange> = {}): HistoryRange => ({
  from: 0,
  to: 100_000,
  points: 1000,
  method: 'RAW',
  gapMs: 3000,
  ...fields,
});
const entry = (second: number, value: HistoryEntry['value'], untilSecond = second): HistoryEntry => ({
  at: second * 1000,
  until: untilSecond * 1000,
  value,
  quality: value === null ? 'BAD' : 'GOOD',
});
function downsample(entries: readonly HistoryEntry[], fields: Partial<HistoryRange> = {}): History {
  const downsampler = createDownsampler(range(fields));
  for (const each of entries) if (!downsampler.add(each)) break;
  return downsampler.finish();
}
const shown = ({ samples }: History) => samples.map(({ at, value }) => [at / 1000, value]);
const gapsOf = ({ gaps }: History) => gaps.map(({ from, to }) => [from / 1000, to / 1000]);
const seconds = (from: number, to: number, value: (second: number) => HistoryEntry['value']) =>
  Array.from({ length: to - from }, (_, n) => entry(from + n, value(from + n)));

describe('gaps', () => {
  it('[T18] are where nothing was heard for too long, at both ends too', () => {
    const history = downsample([entry(10, 1), entry(12, 2), entry(20, 3, 30)]);
    expect(gapsOf(history)).toEqual([
      [0, 10],
      [12, 20],
      [30, 100],
    ]);
  });

  it('[T18] are where the device gave no value', () => {
    expect(gapsOf(downsample([entry(0, 1, 50), entry(51, null, 60), entry(61, 2, 100)]))).toEqual([[51, 61]]);
  });

  it('[T18] that touch are one', () => {
    expect(
      gapsOf(downsample([entry(0, 1, 20), entry(40, null), entry(60, null), entry(90, 2, 100)])),
    ).toEqual([[20, 90]]);
  });

  it('[T18] do not come of silence where the property comes by event', () => {
    const history = downsample([entry(10, 'open'), entry(70, 'closed')], { gapMs: undefined });
    expect(gapsOf(history)).toEqual([[0, 10]]);
  });

  it('[T18] are all there is of a property that said nothing', () => {
    for (const method of ['RAW', 'MINMAX', 'AVG'] as const) {
      expect(downsample([], { method })).toMatchObject({ samples: [], gaps: [{ from: 0, to: 100_000 }] });
    }
  });

  it('[T18] that cannot be seen are left out of a drawing', () => {
    const entries = [entry(0, 1, 50), entry(55, 1, 100)];
    expect(gapsOf(downsample(entries, { points: 10 }))).toEqual([[50, 55]]);
    expect(gapsOf(downsample(entries, { points: 10, method: 'MINMAX' }))).toEqual([]);
    expect(gapsOf(downsample(entries, { points: 50, method: 'MINMAX' }))).toEqual([[50, 55]]);
  });
});

describe('RAW', () => {
  it('[T18] gives every entry, with its end where it was seen again', () => {
    expect(shown(downsample([entry(0, 1, 5), entry(6, 2)], { to: 7000 }))).toEqual([
      [0, 1],
      [5, 1],
      [6, 2],
    ]);
  });

  it('[T18] begins with what held at the beginning', () => {
    const before = entry(-50, 'open');
    expect(shown(downsample([before, entry(10, 'closed')], { gapMs: undefined }))).toEqual([
      [0, 'open'],
      [10, 'closed'],
    ]);
    expect(gapsOf(downsample([entry(-50, 1), entry(10, 2, 100)]))).toEqual([[0, 10]]);
  });

  it('[T18] stops at its points and says where it goes on, without a loss', () => {
    const entries = seconds(0, 100, (second) => second);
    const seen: unknown[] = [];
    let from: number | undefined = 0;
    while (from !== undefined) {
      const history: History = downsample(entries, { from, points: 7 });
      expect(history.samples.length).toBeLessThanOrEqual(7);
      seen.push(...shown(history).map(([, value]) => value));
      from = history.next;
    }
    expect(seen).toEqual(entries.map(({ value }) => value));
  });
});

it('[T18] RAW takes nothing in place of what did not fit', () => {
  const history = downsample([entry(0, 'a'), entry(1, 'b', 5), entry(6, 'c')], { points: 2 });
  expect(shown(history)).toEqual([[0, 'a']]);
  expect(history.next).toBe(1000);
});

describe('MINMAX', () => {
  it('[T18] keeps every peak', () => {
    const entries = seconds(0, 100, (second) => (second === 41 ? 99 : second === 42 ? -99 : 20));
    const history = downsample(entries, { method: 'MINMAX', points: 10 });
    expect(shown(history)).toContainEqual([41, 99]);
    expect(shown(history)).toContainEqual([42, -99]);
  });

  it('[T18] is at most its points, in time order, within what was there, with its extremes', () => {
    const entries = fc.array(
      fc.record({
        step: fc.integer({ min: 1, max: 5000 }),
        value: fc.double({ noNaN: true, noDefaultInfinity: true }),
      }),
      { minLength: 1, maxLength: 200 },
    );
    fc.assert(
      fc.property(entries, fc.integer({ min: 1, max: 60 }), (steps, points) => {
        let at = 0;
        const all = steps.map(({ step, value }) => {
          at += step;
          return { at, until: at, value, quality: 'GOOD' as const };
        });
        const { samples } = downsample(all, { method: 'MINMAX', points, to: at + 1 });
        expect(samples.length).toBeLessThanOrEqual(points);
        expect(samples.map((sample) => sample.at)).toEqual(
          samples.map((sample) => sample.at).sort((a, b) => a - b),
        );
        if (points < 2) return;
        const values = (list: Array<{ value: unknown }>) => list.map((each) => each.value as number);
        expect(Math.max(...values(samples))).toBe(Math.max(...values(all)));
        expect(Math.min(...values(samples))).toBe(Math.min(...values(all)));
      }),
    );
  });

  it('[T18] shows both states of a switch, and first and last of a text', () => {
    const toggles = downsample(
      seconds(0, 100, (second) => second % 2 === 0),
      { method: 'MINMAX', points: 4 },
    );
    expect(new Set(toggles.samples.map(({ value }) => value))).toEqual(new Set([true, false]));
    const texts = downsample(
      seconds(0, 100, (second) => `s${second}`),
      { method: 'MINMAX', points: 2 },
    );
    expect(shown(texts)).toEqual([
      [0, 's0'],
      [99, 's99'],
    ]);
  });

  it('[T18] draws a flat line of a value that lasted', () => {
    expect(shown(downsample([entry(0, 5, 100)], { method: 'MINMAX', points: 20 }))).toEqual([
      [0, 5],
      [100, 5],
    ]);
  });
});

describe('AVG', () => {
  it('[T18] weighs by time', () => {
    const history = downsample([entry(0, 10, 75), entry(75, 20, 100)], { method: 'AVG', points: 1 });
    expect(history.samples).toEqual([{ at: 50_000, value: 12.5, quality: 'GOOD' }]);
  });

  it('[T18] does not count what is in a gap', () => {
    const history = downsample([entry(0, 10, 20), entry(80, 30, 100)], { method: 'AVG', points: 1 });
    expect(history.samples[0]?.value).toBeCloseTo(20);
    expect(gapsOf(downsample([entry(0, 10, 20), entry(80, 30, 100)], { method: 'AVG', points: 4 }))).toEqual([
      [20, 80],
    ]);
  });

  it('[T18] is uncertain where a part of it is, and of text the last', () => {
    const entries = [entry(0, 10, 50), { ...entry(50, 20, 100), quality: 'UNCERTAIN' as const }];
    expect(downsample(entries, { method: 'AVG', points: 1 }).samples[0]?.quality).toBe('UNCERTAIN');
    expect(shown(downsample([entry(0, 'a', 50), entry(50, 'b', 100)], { method: 'AVG', points: 1 }))).toEqual(
      [[50, 'b']],
    );
  });

  it('[T18] is at most its points, between lowest and highest', () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 2900 }), fc.integer({ min: -50, max: 50 })), {
      minLength: 2,
      maxLength: 100,
    });
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 50 }), (list, points) => {
        let at = 0;
        const all = list.map(([step, value]) => {
          at += step;
          return { at, until: at, value, quality: 'GOOD' as const };
        });
        const { samples } = downsample(all, { method: 'AVG', points, to: at });
        expect(samples.length).toBeLessThanOrEqual(points);
        for (const { value } of samples) {
          expect(value as number).toBeGreaterThanOrEqual(Math.min(...all.map((each) => each.value)) - 1e-9);
          expect(value as number).toBeLessThanOrEqual(Math.max(...all.map((each) => each.value)) + 1e-9);
        }
      }),
    );
  });
});
