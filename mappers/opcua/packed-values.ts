import type { NodeValue } from './messages.ts';

/**
 * Values on their way between the processes: good numbers, which is nearly all of them, in columns that are copied as
 * memory; everything else as it is, with its place.
 */
export interface PackedValues {
  indexes: Uint32Array;
  numbers: Float64Array;
  /** Wall clock, milliseconds. */
  times: Float64Array;
  others: Array<[place: number, value: NodeValue]>;
}

export function packValues(values: readonly NodeValue[]): PackedValues {
  const indexes = new Uint32Array(values.length);
  const numbers = new Float64Array(values.length);
  const times = new Float64Array(values.length);
  const others: PackedValues['others'] = [];
  for (const [place, value] of values.entries()) {
    const [index, number, quality, at, raw] = value;
    if (typeof number === 'number' && quality === 'GOOD' && raw === undefined) {
      indexes[place] = index;
      numbers[place] = number;
      times[place] = at;
    } else others.push([place, value]);
  }
  return { indexes, numbers, times, others };
}

export function unpackValues({ indexes, numbers, times, others }: PackedValues): NodeValue[] {
  const values: NodeValue[] = Array.from(indexes, (index, place) => [
    index,
    numbers[place] as number,
    'GOOD',
    times[place] as number,
  ]);
  for (const [place, value] of others) values[place] = value;
  return values;
}
