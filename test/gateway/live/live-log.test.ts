import { describe, expect, test } from 'vitest';
import type { LiveEvent } from '../../../gateway/live/live-event.ts';
import { createValueLog, everything, type ValueLog } from './value-log.ts';

interface Reading {
  key: string;
  value: number;
}

const all = everything;
const nothing = () => [];

/** Takes `count` events that are due. */
async function take<T>(subscription: AsyncIterator<LiveEvent<T>>, count: number): Promise<LiveEvent<T>[]> {
  const events: LiveEvent<T>[] = [];
  for (let index = 0; index < count; index++) {
    const { done, value } = await subscription.next();
    if (done) break;
    events.push(value);
  }
  return events;
}

const brief = (events: LiveEvent<Reading>[]) =>
  events.map((event) => {
    if (event.kind === 'GAP') return `GAP ${event.gap.dropped}`;
    return 'value' in event ? `${event.kind} ${event.value.key}=${event.value.value}` : event.kind;
  });

function publishTo(log: ValueLog<Reading>, from: number, to: number, key = 'a'): string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => log.publish({ key, value: from + index }));
}

describe('a new subscriber', () => {
  test('gets the snapshot, its end, then the updates', async () => {
    const log = createValueLog<Reading>({ epoch: 'e1' });
    publishTo(log, 1, 3);
    const subscription = log.subscribe({
      snapshot: () => [
        { key: 'a', value: 3 },
        { key: 'b', value: 9 },
      ],
      filter: all,
    });
    publishTo(log, 4, 5);
    expect(brief(await take(subscription, 5))).toEqual([
      'SNAPSHOT a=3',
      'SNAPSHOT b=9',
      'SNAPSHOT_END',
      'UPDATED a=4',
      'UPDATED a=5',
    ]);
  });

  test('gets the set as it was when it subscribed, however late it reads', async () => {
    const log = createValueLog<Reading>({ epoch: 'e1' });
    const state = new Map([
      ['a', 1],
      ['b', 1],
    ]);
    function* snapshot() {
      for (const [key, value] of state) yield { key, value };
    }
    const subscription = log.subscribe({ snapshot, filter: all });
    state.set('b', 2);
    log.publish({ key: 'b', value: 2 });
    expect(brief(await take(subscription, 4))).toEqual([
      'SNAPSHOT a=1',
      'SNAPSHOT b=1',
      'SNAPSHOT_END',
      'UPDATED b=2',
    ]);
  });

  test('is filtered in snapshot, replay and updates alike', async () => {
    const log = createValueLog<Reading>({ epoch: 'e1' });
    const filter = ({ key }: Reading) => key === 'b';
    const first = log.subscribe({
      snapshot: () => [
        { key: 'a', value: 0 },
        { key: 'b', value: 0 },
      ],
      filter,
    });
    const [, end] = await take(first, 2);
    publishTo(log, 1, 2, 'a');
    publishTo(log, 1, 1, 'b');
    expect(brief(await take(first, 1))).toEqual(['UPDATED b=1']);
    const second = log.subscribe({ after: end!.cursor, snapshot: nothing, filter });
    publishTo(log, 3, 3, 'a');
    publishTo(log, 2, 2, 'b');
    expect(brief(await take(second, 2))).toEqual(['UPDATED b=1', 'UPDATED b=2']);
  });

  test('that waits gets an update at once', async () => {
    const log = createValueLog<Reading>({ epoch: 'e1' });
    const subscription = log.subscribe({ snapshot: nothing, filter: all });
    await take(subscription, 1);
    const two = [subscription.next(), subscription.next()];
    publishTo(log, 1, 2);
    expect(await Promise.all(two)).toMatchObject([
      { value: { value: { value: 1 } } },
      { value: { value: { value: 2 } } },
    ]);
  });
});

describe('resuming', () => {
  test('replays what came after the cursor, also of SNAPSHOT_END, UPDATED and GAP', async () => {
    const log = createValueLog<Reading>({ epoch: 'e1' });
    const subscription = log.subscribe({ snapshot: nothing, filter: all, queueLimit: 2 });
    publishTo(log, 1, 4);
    const [end, gap, third] = await take(subscription, 3);
    expect([end!.kind, gap!.kind, third!.kind]).toEqual(['SNAPSHOT_END', 'GAP', 'UPDATED']);
    const replay = async (after: string, count: number) =>
      brief(await take(log.subscribe({ after, snapshot: nothing, filter: all }), count));
    expect(await replay(end!.cursor, 4)).toEqual([1, 2, 3, 4].map((value) => `UPDATED a=${value}`));
    expect(await replay(gap!.cursor, 2)).toEqual(['UPDATED a=3', 'UPDATED a=4']);
    expect(await replay(third!.cursor, 1)).toEqual(['UPDATED a=4']);
  });

  test('replays more than a queue holds, while further updates come', async () => {
    const log = createValueLog<Reading>({ epoch: 'e1', limit: 100 });
    const [cursor] = publishTo(log, 0, 100);
    const subscription = log.subscribe({ after: cursor, snapshot: nothing, filter: all, queueLimit: 200 });
    publishTo(log, 101, 250);
    const events = await take(subscription, 250);
    expect(brief(events)).toEqual(Array.from({ length: 250 }, (_, index) => `UPDATED a=${index + 1}`));
  });

  test.each([
    ['of another epoch', () => createValueLog<Reading>({ epoch: 'e2' }).publish({ key: 'a', value: 1 })],
    ['that is no cursor', () => 'not a cursor'],
    ['that is empty', () => ''],
    ['of the future', () => Buffer.from('e1:99').toString('base64url')],
    ['with a negative number', () => Buffer.from('e1:-1').toString('base64url')],
    ['with a broken number', () => Buffer.from('e1:1.5').toString('base64url')],
    ['without a number', () => Buffer.from('e1:').toString('base64url')],
    ['with an odd number', () => Buffer.from('e1:0x1').toString('base64url')],
    ['with a spare zero', () => Buffer.from('e1:01').toString('base64url')],
    ['in another alphabet', () => `${Buffer.from('e1:1').toString('base64')}=`],
  ])('at a cursor %s gives RESET and a snapshot', async (_what, cursor) => {
    const log = createValueLog<Reading>({ epoch: 'e1' });
    publishTo(log, 1, 2);
    const subscription = log.subscribe({
      after: cursor(),
      snapshot: () => [{ key: 'a', value: 2 }],
      filter: all,
    });
    publishTo(log, 3, 3);
    expect(brief(await take(subscription, 4))).toEqual([
      'RESET',
      'SNAPSHOT a=2',
      'SNAPSHOT_END',
      'UPDATED a=3',
    ]);
  });

  test('at a cursor that the log still reaches replays, one further back gives RESET', async () => {
    const log = createValueLog<Reading>({ epoch: 'e1', limit: 3 });
    const cursors = publishTo(log, 1, 5);
    const first = async (after: string) =>
      brief(await take(log.subscribe({ after, snapshot: nothing, filter: all }), 1))[0];
    expect(await first(cursors[1]!)).toBe('UPDATED a=3');
    expect(await first(cursors[0]!)).toBe('RESET');
  });

  test('in the middle of a snapshot gives RESET and a whole one', async () => {
    const log = createValueLog<Reading>({ epoch: 'e1' });
    const snapshot = () => [
      { key: 'a', value: 1 },
      { key: 'b', value: 1 },
    ];
    const [part] = await take(log.subscribe({ snapshot, filter: all }), 1);
    const resumed = log.subscribe({ after: part!.cursor, snapshot, filter: all });
    const events = await take(resumed, 4);
    expect(brief(events)).toEqual(['RESET', 'SNAPSHOT a=1', 'SNAPSHOT b=1', 'SNAPSHOT_END']);
    const again = log.subscribe({ after: events[0]!.cursor, snapshot, filter: all });
    expect(brief(await take(again, 1))).toEqual(['RESET']);
  });
});

describe('a slow subscriber', () => {
  test('loses the oldest updates and is told how many, once', async () => {
    const log = createValueLog<Reading>({ epoch: 'e1' });
    const subscription = log.subscribe({
      snapshot: () => [{ key: 'a', value: 0 }],
      filter: all,
      queueLimit: 3,
    });
    publishTo(log, 1, 10);
    expect(brief(await take(subscription, 6))).toEqual([
      'SNAPSHOT a=0',
      'SNAPSHOT_END',
      'GAP 7',
      'UPDATED a=8',
      'UPDATED a=9',
      'UPDATED a=10',
    ]);
    publishTo(log, 11, 11);
    expect(brief(await take(subscription, 1))).toEqual(['UPDATED a=11']);
  });

  test('is not charged for updates it did not want', async () => {
    const log = createValueLog<Reading>({ epoch: 'e1' });
    const subscription = log.subscribe({
      snapshot: nothing,
      filter: ({ key }) => key === 'b',
      queueLimit: 2,
    });
    publishTo(log, 1, 100);
    publishTo(log, 1, 2, 'b');
    expect(brief(await take(subscription, 3))).toEqual(['SNAPSHOT_END', 'UPDATED b=1', 'UPDATED b=2']);
  });

  test('disturbs nobody', async () => {
    const log = createValueLog<Reading>({ epoch: 'e1' });
    log.subscribe({ snapshot: nothing, filter: all, queueLimit: 1 });
    const quick = log.subscribe({ snapshot: nothing, filter: all, queueLimit: 1 });
    await take(quick, 1);
    for (let value = 1; value <= 50; value++) {
      publishTo(log, value, value);
      expect(brief(await take(quick, 1))).toEqual([`UPDATED a=${value}`]);
    }
  });
});

describe('an end', () => {
  test('return ends a pending next and drops what was queued', async () => {
    const log = createValueLog<Reading>({ epoch: 'e1' });
    const subscription = log.subscribe({ snapshot: nothing, filter: all });
    await take(subscription, 1);
    const pending = subscription.next();
    await subscription.return();
    await subscription.return();
    publishTo(log, 1, 1);
    expect([await pending, await subscription.next()]).toEqual([
      { done: true, value: undefined },
      { done: true, value: undefined },
    ]);
  });

  test('a filter that throws ends its own subscription only', async () => {
    const log = createValueLog<Reading>({ epoch: 'e1' });
    const broken = log.subscribe({
      snapshot: nothing,
      filter: () => {
        throw new Error('broken filter');
      },
    });
    const other = log.subscribe({ snapshot: nothing, filter: all });
    await Promise.all([take(broken, 1), take(other, 1)]);
    publishTo(log, 1, 1);
    await expect(broken.next()).rejects.toThrow('broken filter');
    expect(await broken.next()).toEqual({ done: true, value: undefined });
    expect(brief(await take(other, 1))).toEqual(['UPDATED a=1']);
  });
});
