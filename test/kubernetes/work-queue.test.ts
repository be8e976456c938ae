import { describe, expect, it } from 'vitest';
import { WorkQueue } from '../../kubernetes/work-queue.ts';

function drain(queue: WorkQueue, now: number): string[] {
  const keys: string[] = [];
  for (let key = queue.take(now); key !== undefined; key = queue.take(now)) {
    keys.push(key);
    queue.done(key);
  }
  return keys;
}

describe('a work queue', () => {
  it('holds each key once, in the order in which they came', () => {
    const queue = new WorkQueue();
    for (const key of ['a', 'b', 'a', 'c', 'b']) queue.add(key, 0);
    expect(queue.size).toBe(3);
    expect(drain(queue, 0)).toEqual(['a', 'b', 'c']);
  });

  it('brings a key again that was added while it was worked on, and never twice at once', () => {
    const queue = new WorkQueue();
    queue.add('a', 0);
    expect(queue.take(0)).toBe('a');
    queue.add('a', 5);
    queue.add('a', 6);
    expect(queue.take(6)).toBeUndefined();
    queue.done('a');
    expect(queue.oldestSince).toBe(5);
    expect(drain(queue, 6)).toEqual(['a']);
  });

  it('brings a key that failed after its delay, which grows with the failures in a row', () => {
    const queue = new WorkQueue();
    const delays: number[] = [];
    const delayOf = (failures: number) => {
      delays.push(failures);
      return 1000;
    };
    queue.add('a', 0);
    for (const now of [0, 1000]) {
      expect(queue.take(now)).toBe('a');
      queue.failed('a', now, delayOf);
      expect(queue.take(now + 999)).toBeUndefined();
      expect(queue.nextDueAt).toBe(now + 1000);
    }
    // It is still the same wish.
    expect(queue.oldestSince).toBe(0);
    expect(drain(queue, 2000)).toEqual(['a']);
    queue.add('a', 3000);
    queue.take(3000);
    queue.failed('a', 3000, delayOf);
    expect(delays).toEqual([0, 1, 0]);
  });

  it('moves keys to the head, delayed ones too, and knows no others', () => {
    const queue = new WorkQueue();
    queue.add('late', 0);
    queue.take(0);
    queue.failed('late', 0, () => 60_000);
    for (const key of ['a', 'b', 'c']) queue.add(key, 0);
    queue.moveToHead(['c', 'late', 'ghost']);
    expect(drain(queue, 0)).toEqual(['c', 'late', 'a', 'b']);
    expect(queue.size).toBe(0);
  });
});
