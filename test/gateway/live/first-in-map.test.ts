import { expect, test } from 'vitest';
import { FirstInMap } from '../../../gateway/live/first-in-map.ts';

test('entries leave in the order in which they came, also after it was empty', () => {
  const map = new FirstInMap<string, number>();
  expect(map.shift()).toBeUndefined();
  map.set('a', 1);
  map.set('b', 2);
  expect(map.shift()).toEqual(['a', 1]);
  map.set('a', 3);
  expect([map.shift(), map.shift(), map.shift()]).toEqual([['b', 2], ['a', 3], undefined]);
  map.set('c', 4);
  expect([map.get('c'), map.get('a'), map.size]).toEqual([4, undefined, 1]);
  expect(map.shift()).toEqual(['c', 4]);
});

test('a key that is set again keeps its place', () => {
  const map = new FirstInMap<string, number>();
  for (const [key, value] of [
    ['a', 1],
    ['b', 2],
    ['a', 3],
  ] as const)
    map.set(key, value);
  expect(map.shift()).toEqual(['a', 3]);
});
