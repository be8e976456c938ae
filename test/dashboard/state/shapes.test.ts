import { describe, expect, it } from 'vitest';
import { chartDataOf } from '../../../dashboard/state/chart-data.ts';
import { rowAt, rowOffsets } from '../../../dashboard/state/rows.ts';
import { BUCKETS, sparklinePath, Trail } from '../../../dashboard/state/sparkline.ts';

describe('the last minute of a value', () => {
  it('keeps one sample a second, the newest of it', () => {
    const trail = new Trail();
    expect([trail.push(1, 0), trail.push(2, 900), trail.push(3, 1000)]).toEqual([true, false, true]);
    expect(trail.samples).toEqual([2, 3]);
  });

  it('holds a value until the next one comes', () => {
    const trail = new Trail();
    trail.push(5, 0);
    trail.push(7, 3000);
    expect(trail.samples).toEqual([5, 5, 5, 7]);
  });

  it('is a minute long, however long a silence was', () => {
    const trail = new Trail();
    trail.push(5, 0);
    trail.push(7, 1_000_000);
    expect(trail.samples).toHaveLength(BUCKETS);
    expect(trail.samples.at(-1)).toBe(7);
  });

  it('ends at the right edge, fills the height, and breaks at a hole', () => {
    expect(sparklinePath([0, 10], 59, 10)).toBe('M58.0 10.0L59.0 0.0');
    expect(sparklinePath([0, Number.NaN, 10], 59, 10)).toBe('M57.0 10.0M59.0 0.0');
    expect(sparklinePath([3, 3], 59, 10)).toBe('M58.0 5.0L59.0 5.0');
    expect(sparklinePath([3], 59, 10)).toBe('');
  });
});

describe('rows of a grid', () => {
  const heights = [10, 30, 20, 20, 50];
  const offsets = rowOffsets(heights, 2, (height) => height, 5);

  it('are as high as their highest item, with the gap below', () => {
    expect(offsets).toEqual([0, 35, 60, 115]);
  });

  it.each([
    [-100, 0],
    [0, 0],
    [34, 0],
    [35, 1],
    [60, 2],
    [1000, 2],
  ])('are found by a place: %i is in row %i', (y, row) => {
    expect(rowAt(offsets, y)).toBe(row);
  });

  it('are none where there are no items', () => {
    expect(rowOffsets([], 3, () => 1, 5)).toEqual([0]);
    expect(rowAt([0], 100)).toBe(0);
  });
});

describe('a history as a chart', () => {
  const iso = (ms: number) => new Date(ms).toISOString();
  const range = { from: 0, to: 40_000 };

  it('lines up extremes and means of the same stretches', () => {
    const samples = [
      { at: iso(1000), value: 3 },
      { at: iso(9000), value: 9 },
      { at: iso(12_000), value: 4 },
    ];
    const means = {
      samples: [5, 4, 4, 6].map((value, index) => ({ at: iso(5000 + index * 10_000), value })),
    };
    expect(chartDataOf(range, 4, { samples, gaps: [] }, means)).toEqual({
      times: [5, 15, 25, 35],
      lows: [3, 4, 4, 6],
      highs: [9, 4, 4, 6],
      means: [5, 4, 4, 6],
      isDrawable: true,
    });
  });

  it('shows a gap as a gap', () => {
    const means = {
      samples: [1, 1, 1, 1].map((value, index) => ({ at: iso(5000 + index * 10_000), value })),
    };
    const gaps = [{ from: iso(10_000), to: iso(30_000) }];
    const data = chartDataOf(range, 4, { samples: [], gaps }, means);
    expect(data.means).toEqual([1, null, null, 1]);
    expect(data.lows).toEqual([1, null, null, 1]);
  });

  it('draws on and off as one and zero, and text not at all', () => {
    const only = (value: boolean | string) => ({ samples: [{ at: iso(5000), value }] });
    expect(chartDataOf(range, 4, { samples: [], gaps: [] }, only(true)).means[0]).toBe(1);
    expect(chartDataOf(range, 4, { samples: [], gaps: [] }, only('eco')).isDrawable).toBe(false);
  });
});
