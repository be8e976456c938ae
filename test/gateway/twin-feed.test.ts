import { describe, expect, it } from 'vitest';
import { createTwinFeed, type TwinChange } from '../../gateway/twin-feed.ts';
import type { TwinEventSource, TwinSource, TwinSubscription } from '../../resolvers/context.ts';
import { property } from '../mappers/models.ts';

function change(value: number, { name = 'pump', of = 'temperature' } = {}): TwinChange {
  return {
    device: { namespace: 'default', name, nodeName: 'edge-a' },
    view: {
      model: property(of),
      seq: value,
      reported: { value, quality: 'GOOD', observedAt: 0 },
      sync: { state: 'NONE' },
    },
  };
}

function start(snapshot: () => TwinChange[] = () => []) {
  let now = 0;
  const feed = createTwinFeed({
    epoch: 'log-1',
    snapshot,
    sourceOf: ({ device, view }) =>
      ({
        ...view,
        device,
        freshness: { source: 'EDGE', stale: false, link: 'UP', ageMs: now },
      }) as TwinSource,
  });
  return {
    feed,
    subscribe: (options: Partial<TwinSubscription> = {}) =>
      feed.subscribe({ matches: () => true, ...options }),
    setNow: (ms: number) => {
      now = ms;
    },
  };
}

async function take(events: AsyncIterator<TwinEventSource>, count: number): Promise<TwinEventSource[]> {
  const taken: TwinEventSource[] = [];
  while (taken.length < count) {
    const { done, value } = await events.next();
    if (done) throw new Error('the feed ended');
    taken.push(value);
  }
  return taken;
}

const show = (event: TwinEventSource) =>
  event.twin
    ? `${event.kind} ${event.twin.device.name}/${event.twin.model.name}=${event.twin.reported?.value}`
    : event.kind;

describe('the twins subscription', () => {
  it('shows the twins as they are, then every change', async () => {
    const { feed, subscribe } = start(() => [change(1), change(2, { name: 'fan' })]);
    const events = subscribe();
    feed.publish(change(3));
    expect((await take(events, 4)).map(show)).toEqual([
      'SNAPSHOT pump/temperature=1',
      'SNAPSHOT fan/temperature=2',
      'SNAPSHOT_END',
      'UPDATED pump/temperature=3',
    ]);
  });

  it('shows only the properties and devices that are wanted, judged anew for each event', async () => {
    const { feed, subscribe } = start(() => [
      change(1),
      change(2, { of: 'mode' }),
      change(3, { name: 'fan' }),
    ]);
    let wanted = 'pump';
    const events = subscribe({ properties: ['temperature'], matches: ({ name }) => name === wanted });
    expect((await take(events, 2)).map(show)).toEqual(['SNAPSHOT pump/temperature=1', 'SNAPSHOT_END']);
    feed.publish(change(4, { of: 'mode' }));
    feed.publish(change(5));
    wanted = 'fan';
    feed.publish(change(6));
    feed.publish(change(7, { name: 'fan' }));
    expect((await take(events, 2)).map(show)).toEqual([
      'UPDATED pump/temperature=5',
      'UPDATED fan/temperature=7',
    ]);
  });

  it('goes on behind a cursor, and starts over at one that is foreign', async () => {
    const { feed, subscribe } = start(() => [change(9)]);
    const [end] = await take(subscribe({ properties: [] }), 1);
    feed.publish(change(1));
    expect((await take(subscribe({ after: end?.cursor }), 1)).map(show)).toEqual([
      'UPDATED pump/temperature=1',
    ]);
    expect((await take(subscribe({ after: 'bm9ib2R5' }), 3)).map(show)).toEqual([
      'RESET',
      'SNAPSHOT pump/temperature=9',
      'SNAPSHOT_END',
    ]);
  });

  it('tells freshness when an event is delivered, not when it was made', async () => {
    const { feed, subscribe, setNow } = start();
    const events = subscribe();
    feed.publish(change(1));
    setNow(40);
    const [, updated] = await take(events, 2);
    expect(updated?.twin?.freshness.ageMs).toBe(40);
  });

  it('counts what a slow subscriber missed', async () => {
    const { feed, subscribe } = start();
    const events = subscribe();
    for (let value = 1; value <= 1003; value++) feed.publish(change(value));
    const [, gap, next] = await take(events, 3);
    expect(gap).toMatchObject({ kind: 'GAP', gap: { dropped: 3 } });
    expect(show(next as TwinEventSource)).toBe('UPDATED pump/temperature=4');
  });

  it('ends at once, also while its reader waits', async () => {
    const { feed, subscribe } = start();
    const events = subscribe();
    await take(events, 1);
    const waiting = events.next();
    await events.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
    feed.publish(change(1));
    expect((await events.next()).done).toBe(true);
  });

  it('ends with the failure of its filter, and no other subscription does', async () => {
    const { feed, subscribe } = start();
    const bad = subscribe({
      matches() {
        throw new Error('a filter that fails');
      },
    });
    const good = subscribe();
    await take(bad, 1);
    await take(good, 1);
    const failing = expect(bad.next()).rejects.toThrow('a filter that fails');
    feed.publish(change(1));
    await failing;
    expect((await take(good, 1)).map(show)).toEqual(['UPDATED pump/temperature=1']);
  });
});
