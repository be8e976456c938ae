import { describe, expect, test } from 'vitest';
import { SharedResults } from '../../../gateway/live/shared-results.ts';

const sized = (bytes: number, of = '') => ({ bytes, of });

describe('the result of a shared event', () => {
  test('is worked out once per key, also while it is being worked out', async () => {
    const results = new SharedResults(1000);
    const event = {};
    let count = 0;
    const execute = async () => sized(10, `run ${++count}`);
    const both = [results.get('a', event, execute), results.get('a', event, execute)];
    expect(await Promise.all(both)).toEqual([sized(10, 'run 1'), sized(10, 'run 1')]);
    expect(results.get('a', event, execute)).toEqual(sized(10, 'run 1'));
    expect(await results.get('b', event, execute)).toEqual(sized(10, 'run 2'));
    expect(await results.get('a', {}, execute)).toEqual(sized(10, 'run 3'));
  });

  test('is dropped when all results together exceed the bound, the oldest event first', () => {
    const results = new SharedResults(25);
    const [first, second, third] = [{}, {}, {}];
    for (const event of [first, second, third]) results.get('a', event, () => sized(10));
    expect(results.bytes).toBe(20);
    expect(results.get('a', first, () => sized(10, 'anew'))).toEqual(sized(10, 'anew'));
    expect(results.get('a', third, () => sized(10, 'anew'))).toEqual(sized(10));
  });

  test('is bounded also after none was kept', () => {
    const results = new SharedResults(15);
    for (const bytes of [20, 20, 10, 10, 20, 10]) results.get('a', {}, () => sized(bytes));
    expect(results.bytes).toBe(10);
  });

  test('is handed out but not counted when it was pushed out while it ran', async () => {
    const results = new SharedResults(5);
    let finish = (_value: { bytes: number; of: string }) => {};
    const slow = results.get(
      'a',
      {},
      () => new Promise<{ bytes: number; of: string }>((resolve) => (finish = resolve)),
    );
    results.get('a', {}, () => sized(10));
    finish(sized(10, 'slow'));
    expect(await slow).toEqual(sized(10, 'slow'));
    expect(results.bytes).toBe(0);
  });
});
