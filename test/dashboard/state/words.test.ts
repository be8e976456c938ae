import { describe, expect, it } from 'vitest';
import { timeLabels } from '../../../dashboard/chart/time-axis.ts';
import {
  formatAge,
  formatBytes,
  formatLag,
  formatOutbox,
  formatRoundTrip,
  formatValue,
  plural,
} from '../../../dashboard/state/format.ts';

describe('values', () => {
  it.each([
    [21.299999237060547, '21.3'],
    [0.1 + 0.2, '0.3'],
    [231.79187, '231.79'],
    [1234569, '1234569'],
    [1234569.7, '1234570'],
    [-40, '-40'],
    [0, '0'],
    [0.00001, '1.000e-5'],
    [6.02e23, '6.020e+23'],
    [true, 'on'],
    [false, 'off'],
    ['eco', 'eco'],
    ['', '""'],
    ['9007199254740993', '9007199254740993'],
    [null, '–'],
    [undefined, '–'],
  ])('shows %o as %s', (value, text) => {
    expect(formatValue(value)).toBe(text);
  });
});

describe('lengths of time and sizes', () => {
  it.each([
    [0, 'now'],
    [999, 'now'],
    [1000, '1 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [3_599_999, '59 min'],
    [7_200_000, '2 h'],
    [200_000_000, '2 d'],
  ])('shows %i ms as %s', (ms, text) => {
    expect(formatAge(ms)).toBe(text);
  });

  it('tells no lag from an unknown one', () => {
    expect([null, 0.3, 30.4].map(formatRoundTrip)).toEqual([undefined, 'less than 1 ms', '30 ms']);
    expect([null, 0, 30.4, 2500].map(formatLag)).toEqual(['–', 'none', '30 ms', '2 s']);
  });

  it('tells an empty outbox from an unknown one', () => {
    expect(formatOutbox(null)).toBe('–');
    expect(formatOutbox({ items: 0, bytes: 0 })).toBe('empty');
    expect(formatOutbox({ items: 1, bytes: 2048 })).toBe('1 report, 2.0 KiB');
  });

  it('keeps bytes whole and larger units to one decimal', () => {
    expect([0, 812, 3482, 67_108_864].map(formatBytes)).toEqual(['0 B', '812 B', '3.4 KiB', '64.0 MiB']);
  });

  it('counts one thing in the singular', () => {
    expect([plural(0, 'node'), plural(1, 'node'), plural(2, 'node')]).toEqual([
      '0 nodes',
      '1 node',
      '2 nodes',
    ]);
  });
});

describe('labels of the time axis', () => {
  const at = (text: string) => new Date(text).getTime() / 1000;

  it('is as fine as its steps, in 24 hours', () => {
    const noon = at('2026-11-20T13:05:09');
    expect(timeLabels([noon], 15)).toEqual(['13:05:09']);
    expect(timeLabels([noon], 300)).toEqual(['13:05']);
    expect(timeLabels([noon], 86_400)).toEqual(['11-20']);
  });

  it('says at midnight which day begins', () => {
    expect(timeLabels([at('2026-11-20T00:00:00')], 3600)).toEqual(['11-20']);
  });
});
