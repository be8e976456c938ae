import { describe, expect, it } from 'vitest';
import { LiveDevices } from '../../gateway/device-feed.ts';
import type {
  DeviceRequest,
  DeviceVersion,
  LiveEventSource,
  TwinEventSource,
  TwinRequest,
  TwinSource,
} from '../../resolvers/context.ts';
import type { DeviceFilter } from '../../resolvers/device.ts';
import { matchesDevice } from '../../resolvers/device.ts';
import { factsOfVersion, readsTwins } from '../../resolvers/device-event.ts';
import { deviceId } from '../../twin/device-object.ts';
import { TwinViews } from '../../twin/twin-views.ts';
import type { TwinView } from '../../twin/view.ts';
import { ManualClock } from '../harness/manual-clock.ts';
import { type DeviceWish, deviceObject } from '../harness/objects.ts';
import { property } from '../mappers/models.ts';

const view = (of: string, value: number): TwinView => ({
  model: property(of),
  seq: value,
  reported: { value, quality: 'GOOD', observedAt: 0 },
  sync: { state: 'NONE' },
});

interface Wish extends DeviceWish {
  state?: string;
}

function version(name: string, values: Record<string, number>, { state = 'online', ...wish }: Wish = {}) {
  const object = deviceObject(name, wish);
  const key = { namespace: 'default', name, nodeName: object.spec.nodeName ?? null };
  const views = TwinViews.from(Object.entries(values).map(([of, value]) => view(of, value)));
  return { key, object, model: undefined, state: { state }, views } satisfies DeviceVersion;
}

function start(...versions: DeviceVersion[]) {
  let now = 0;
  const clock = new ManualClock();
  const live = new LiveDevices({
    epoch: 'log-1',
    clock,
    sourceOf: (device, of) =>
      ({ ...of, device, freshness: { source: 'EDGE', stale: false, link: 'UP', ageMs: now } }) as TwinSource,
  });
  for (const each of versions) live.put(each);
  const requestOf = (where?: DeviceFilter): DeviceRequest => ({
    scope: JSON.stringify(where ?? null),
    readsTwins: readsTwins(where),
    matches: (each) => matchesDevice(where, factsOfVersion(each)),
  });
  return {
    live,
    clock,
    twins: (where?: DeviceFilter, options: Partial<TwinRequest> = {}) =>
      live.twins.subscribe({ ...requestOf(where), ...options }),
    devices: (where?: DeviceFilter, options: Partial<DeviceRequest> = {}) =>
      live.devices.subscribe({ ...requestOf(where), ...options }),
    putTwin: (name: string, of: string, value: number) =>
      live.putTwin(deviceId('default', name), view(of, value)),
    setNow: (ms: number) => {
      now = ms;
    },
  };
}

async function take<E extends LiveEventSource>(events: AsyncIterator<E>, count: number): Promise<E[]> {
  const taken: E[] = [];
  while (taken.length < count) {
    const { done, value } = await events.next();
    if (done) throw new Error('the feed ended');
    taken.push(value);
  }
  return taken;
}

const show = (event: TwinEventSource) =>
  event.deviceRef
    ? `${event.kind} ${event.deviceRef.name}/${event.property}=${event.twin?.reported?.value ?? null}`
    : event.kind;

/** Past the snapshot. */
async function settled<E extends LiveEventSource>(events: AsyncIterableIterator<E>) {
  for (;;) if ((await take(events, 1))[0]?.kind === 'SNAPSHOT_END') return events;
}

describe('the twins subscription', () => {
  it('shows the twins as they are, then who enters, changes and leaves', async () => {
    const { live, twins, putTwin } = start(version('pump', { temperature: 1 }));
    const events = twins();
    live.put(version('fan', { temperature: 2, mode: 3 }));
    putTwin('pump', 'temperature', 4);
    live.remove('default/fan');
    expect((await take(events, 7)).map(show)).toEqual([
      'SNAPSHOT pump/temperature=1',
      'SNAPSHOT_END',
      'ENTERED fan/temperature=2',
      'ENTERED fan/mode=3',
      'UPDATED pump/temperature=4',
      'LEFT fan/temperature=null',
      'LEFT fan/mode=null',
    ]);
  });

  it('brings all twins of a device in with the value that makes it match, and takes them out with it', async () => {
    const { twins, putTwin } = start(version('pump', { mode: 0, temperature: 20 }));
    const isOn: DeviceFilter = { twin: { property: 'mode', reported: { eq: 1 } } };
    const events = await settled(twins(isOn));
    const temperature = await settled(twins(isOn, { scope: 'temperature', properties: ['temperature'] }));
    putTwin('pump', 'temperature', 21);
    putTwin('pump', 'mode', 1);
    putTwin('pump', 'temperature', 22);
    putTwin('pump', 'mode', 2);
    expect((await take(events, 5)).map(show)).toEqual([
      'ENTERED pump/mode=1',
      'ENTERED pump/temperature=21',
      'UPDATED pump/temperature=22',
      'LEFT pump/mode=2',
      'LEFT pump/temperature=22',
    ]);
    expect((await take(temperature, 3)).map(show)).toEqual([
      'ENTERED pump/temperature=21',
      'UPDATED pump/temperature=22',
      'LEFT pump/temperature=22',
    ]);
  });

  it('lets go of a property that the model lost, and takes in one that it got', async () => {
    const { live, twins } = start(version('pump', { mode: 1, temperature: 2 }));
    const events = await settled(twins());
    live.put(version('pump', { temperature: 2, level: 3 }));
    const [left, entered] = await take(events, 2);
    expect([show(left!), show(entered!)].sort()).toEqual(['ENTERED pump/level=3', 'LEFT pump/mode=null']);
    const gone = left!.kind === 'LEFT' ? left : entered;
    expect(gone?.device).toMatchObject({ name: 'pump' });
  });

  it('takes a device that was created again for another one', async () => {
    const { live, twins } = start(version('pump', { mode: 1 }));
    const events = await settled(twins());
    live.put(version('pump', { mode: 1 }, { uid: 'uid-2' }));
    expect((await take(events, 2)).map(show)).toEqual(['LEFT pump/mode=null', 'ENTERED pump/mode=1']);
  });

  it('goes on behind a cursor with who entered and left meanwhile, event by event', async () => {
    const { live, twins, putTwin } = start(version('pump', { mode: 0, temperature: 20 }));
    const isOn: DeviceFilter = { twin: { property: 'mode', reported: { eq: 1 } } };
    const [end] = await take(twins(isOn), 1);
    putTwin('pump', 'mode', 1);
    putTwin('pump', 'mode', 2);
    live.remove('default/pump');
    const expected = [
      'ENTERED pump/mode=1',
      'ENTERED pump/temperature=20',
      'LEFT pump/mode=2',
      'LEFT pump/temperature=20',
    ];
    let after = end!.cursor;
    for (const [index] of expected.entries()) {
      const [next, ...rest] = await take(twins(isOn, { after }), expected.length - index);
      expect([next!, ...rest].map(show)).toEqual(expected.slice(index));
      after = next!.cursor;
    }
  });

  it('starts over at a cursor of another process, and of other arguments', async () => {
    const { twins, putTwin } = start(version('pump', { mode: 1 }));
    const [, end] = await take(twins(), 2);
    putTwin('pump', 'mode', 2);
    expect((await take(twins(undefined, { after: end!.cursor }), 1)).map(show)).toEqual([
      'UPDATED pump/mode=2',
    ]);
    for (const [where, after] of [
      [undefined, 'bm9ib2R5'],
      [{ name: { eq: 'pump' } }, end!.cursor],
    ] as const) {
      const events = twins(where, { after });
      expect((await take(events, 3)).map(show)).toEqual(['RESET', 'SNAPSHOT pump/mode=2', 'SNAPSHOT_END']);
    }
  });

  it('says nothing of what is said again', async () => {
    const { live, twins, putTwin } = start(version('pump', { mode: 1 }));
    const events = await settled(twins());
    live.put(version('pump', { mode: 1 }, { resourceVersion: '99' }));
    putTwin('pump', 'mode', 1);
    putTwin('pump', 'mode', 2);
    expect((await take(events, 1)).map(show)).toEqual(['UPDATED pump/mode=2']);
  });

  it('tells freshness when an event is delivered, not when it was made', async () => {
    const { twins, putTwin, setNow } = start(version('pump', { mode: 1 }));
    const events = await settled(twins());
    putTwin('pump', 'mode', 2);
    setNow(40);
    const [updated] = await take(events, 1);
    expect(updated?.twin?.freshness.ageMs).toBe(40);
  });

  it('counts what a slow subscriber missed', async () => {
    const { twins, putTwin } = start(version('pump', { mode: 0 }));
    const events = await settled(twins());
    for (let value = 1; value <= 1003; value++) putTwin('pump', 'mode', value);
    const [gap, next] = await take(events, 2);
    expect(gap).toMatchObject({ kind: 'GAP', gap: { dropped: 3 } });
    expect(show(next!)).toBe('UPDATED pump/mode=4');
  });

  it('begins anew for a slow subscriber that missed who entered or left', async () => {
    const { live, twins, putTwin } = start(version('pump', { mode: 0 }), version('fan', { mode: 0 }));
    const events = await settled(twins());
    live.remove('default/fan');
    for (let value = 1; value <= 1003; value++) putTwin('pump', 'mode', value);
    const [gap, ...rest] = await take(events, 4);
    expect(gap).toMatchObject({ kind: 'GAP', gap: { dropped: 1004 } });
    expect(rest.map(show)).toEqual(['RESET', 'SNAPSHOT pump/mode=1003', 'SNAPSHOT_END']);
    putTwin('pump', 'mode', 1);
    expect((await take(events, 1)).map(show)).toEqual(['UPDATED pump/mode=1']);
    expect((await take(twins(undefined, { after: gap!.cursor }), 1)).map(show)).toEqual(['RESET']);
  });

  it('ends at once, also while its reader waits', async () => {
    const { twins, putTwin } = start(version('pump', { mode: 1 }));
    const events = await settled(twins());
    const waiting = events.next();
    await events.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
    putTwin('pump', 'mode', 2);
    expect((await events.next()).done).toBe(true);
  });

  it('[T27] tells of a twin that goes stale or fresh though it says what it said, to those who ask for it alone by who enters', async () => {
    const { live, twins } = start(version('pump', { mode: 1, level: 2 }));
    const all = await settled(twins());
    const stale = await settled(twins({ twin: { property: 'mode', stale: true } }));
    live.putFresh('default/pump', new Set(['mode', 'level']));
    live.putFresh('default/pump', new Set(['level', 'mode']));
    live.put(version('pump', { mode: 1, level: 2 }));
    live.putFresh('default/pump', new Set(['level']));
    expect((await take(all, 3)).map(show)).toEqual([
      'UPDATED pump/mode=1',
      'UPDATED pump/level=2',
      'UPDATED pump/mode=1',
    ]);
    expect((await take(stale, 4)).map(({ kind, property }) => `${kind} ${property}`)).toEqual([
      'LEFT mode',
      'LEFT level',
      'ENTERED mode',
      'ENTERED level',
    ]);
  });
});

describe('a flow of twins', () => {
  const latest = { scope: 'latest', flow: { minIntervalMs: 1000 } };
  const shown = (event: TwinEventSource) => `${show(event)} +${event.skipped ?? 0}`;

  it('is folded once for all who ask for the same, and told by the same event', async () => {
    const { twins, putTwin, clock } = start(version('pump', { mode: 0 }));
    const [one, other] = [await settled(twins(undefined, latest)), await settled(twins(undefined, latest))];
    for (let value = 1; value <= 5; value++) putTwin('pump', 'mode', value);
    await clock.advance(1000);
    const [first, last] = await take(one, 2);
    expect([first, last].map((event) => shown(event!))).toEqual([
      'UPDATED pump/mode=1 +0',
      'UPDATED pump/mode=5 +3',
    ]);
    const [same, again] = await take(other, 2);
    expect(same).toBe(first);
    expect(again).toBe(last);
  });

  it('tells who enters and leaves at once, and holds no timer when all have gone', async () => {
    const { live, twins, putTwin, clock } = start(version('pump', { mode: 0 }));
    const events = await settled(twins(undefined, latest));
    putTwin('pump', 'mode', 1);
    putTwin('pump', 'mode', 2);
    live.remove('default/pump');
    expect((await take(events, 2)).map(shown)).toEqual(['UPDATED pump/mode=1 +0', 'LEFT pump/mode=null +1']);
    live.put(version('pump', { mode: 3 }));
    putTwin('pump', 'mode', 4);
    expect((await take(events, 2)).map(shown)).toEqual(['ENTERED pump/mode=3 +0', 'UPDATED pump/mode=4 +0']);
    expect(clock.waiting).toBe(1);
    await events.return?.();
    expect(clock.waiting).toBe(0);
  });

  it('of the latest begins anew where it is resumed: a snapshot is the latest', async () => {
    const { twins, putTwin } = start(version('pump', { mode: 0 }));
    const [, end] = await take(twins(undefined, latest), 2);
    putTwin('pump', 'mode', 1);
    const resumed = twins(undefined, { ...latest, after: end!.cursor });
    expect((await take(resumed, 2)).map(show)).toEqual(['RESET', 'SNAPSHOT pump/mode=1']);
  });

  it('with a deadband is resumed behind a cursor, and a newcomer is shown what the others know', async () => {
    const { twins, putTwin } = start(version('pump', { mode: 0 }));
    const near = {
      scope: 'near',
      flow: { minIntervalMs: 0, deadband: { kind: 'absolute', size: 2 } as const },
    };
    const events = twins(undefined, near);
    const [, end] = await take(events, 2);
    for (const value of [1, 2, 3, 4, 6]) putTwin('pump', 'mode', value);
    expect((await take(events, 2)).map(shown)).toEqual(['UPDATED pump/mode=3 +2', 'UPDATED pump/mode=6 +1']);
    const resumed = twins(undefined, { ...near, after: end!.cursor });
    expect((await take(resumed, 2)).map(shown)).toEqual(['UPDATED pump/mode=3 +2', 'UPDATED pump/mode=6 +1']);
    putTwin('pump', 'mode', 7);
    expect((await take(twins(undefined, near), 1)).map(show)).toEqual(['SNAPSHOT pump/mode=6']);
  });
});

describe('the devices subscription', () => {
  const brief = ({ kind, name, device }: { kind: string; name?: string; device?: DeviceVersion }) =>
    name ? `${kind} ${name} ${device?.state.state ?? null}` : kind;

  it('tells of devices, their labels and states, and not of values', async () => {
    const { live, devices, putTwin } = start(version('pump', { mode: 1 }));
    const events = devices();
    putTwin('pump', 'mode', 2);
    live.putState('default/pump', { state: 'offline', reason: 'no answer' });
    live.putState('default/pump', { state: 'offline', reason: 'no answer' });
    live.put(version('fan', { mode: 1 }));
    live.remove('default/pump');
    expect((await take(events, 5)).map(brief)).toEqual([
      'SNAPSHOT pump online',
      'SNAPSHOT_END',
      'UPDATED pump offline',
      'ENTERED fan online',
      'LEFT pump null',
    ]);
  });

  it.each<[string, DeviceFilter, Wish]>([
    ['its state', { state: { eq: 'online' } }, { state: 'offline' }],
    ['its node', { nodeName: { eq: 'edge-a' } }, { nodeName: 'edge-b' }],
    ['its model', { model: { eq: 'thermostat' } }, { model: 'other' }],
  ])(
    'lets a device go that ceases to match by %s, still there, and takes it back',
    async (_what, where, other) => {
      const { live, devices } = start(version('pump', {}));
      const events = devices(where);
      live.put(version('pump', {}, other));
      live.put(version('pump', {}));
      const [snapshot, , left, entered] = await take(events, 4);
      expect([snapshot, left, entered].map((event) => event?.kind)).toEqual(['SNAPSHOT', 'LEFT', 'ENTERED']);
      expect(left?.device?.key.name).toBe('pump');
    },
  );

  it('follows the value of a twin where the filter does', async () => {
    const { devices, putTwin } = start(version('pump', { mode: 0 }));
    const events = await settled(devices({ twin: { property: 'mode', reported: { gt: 5 } } }));
    for (const value of [3, 7, 8, 2]) putTwin('pump', 'mode', value);
    expect((await take(events, 2)).map(({ kind }) => kind)).toEqual(['ENTERED', 'LEFT']);
  });

  it('is resumed behind any number of readings, but where its filter looks at them', async () => {
    const { live, devices, putTwin } = start(version('pump', { mode: 0 }));
    const high = { twin: { property: 'mode', reported: { gt: 5 } } };
    const [[, end], [seen]] = [await take(devices(), 2), await take(devices(high), 1)];
    for (let value = 1; value <= 10_001; value++) putTwin('pump', 'mode', value);
    live.putState('default/pump', { state: 'offline' });
    expect((await take(devices(undefined, { after: end!.cursor }), 1)).map(brief)).toEqual([
      'UPDATED pump offline',
    ]);
    for (const [where, { cursor }] of [
      [high, seen!],
      [high, end!],
      [undefined, seen!],
    ] as const)
      expect((await take(devices(where, { after: cursor }), 1)).map(brief)).toEqual(['RESET']);
  });
});
