import { afterEach, describe, expect, it } from 'vitest';
import { OctographError } from '../../lib/errors.ts';
import { silentLogger } from '../../lib/logger.ts';
import type { DeviceSession, Mapper, MapperDevice, MapperEvents, Reading } from '../../mappers/contract.ts';
import { type HostDevice, type HostSink, type MapperHost, startMapperHost } from '../../mappers/host.ts';
import type { TwinValue } from '../../twin/value.ts';
import { ManualClock } from '../harness/manual-clock.ts';
import { device, property } from './models.ts';
import { RecordingSink } from './recording-sink.ts';

/** A device whose registers a test sets, and whose calls it may break. */
class ScriptedDevice {
  readonly values = new Map<string, TwinValue>();
  readonly collections: Array<{ at: number; properties: string[] }> = [];
  opened = 0;
  closed = 0;
  events: MapperEvents | undefined;
  open: () => Promise<void> | void = () => {};
  collect: () => Promise<void> | void = () => {};
  apply: (value: TwinValue) => Promise<TwinValue> | TwinValue = (value) => value;
}

class ScriptedMapper implements Mapper {
  readonly protocol = 'scripted';
  readonly delivery: 'poll' | 'event';
  readonly devices = new Map<string, ScriptedDevice>();
  readonly #clock: ManualClock;

  constructor(clock: ManualClock, delivery: 'poll' | 'event' = 'poll') {
    this.#clock = clock;
    this.delivery = delivery;
  }

  device(name: string): ScriptedDevice {
    const found = this.devices.get(name) ?? new ScriptedDevice();
    this.devices.set(name, found);
    return found;
  }

  async open({ name }: MapperDevice, events: MapperEvents): Promise<DeviceSession> {
    const scripted = this.device(name);
    await scripted.open();
    scripted.opened++;
    scripted.events = events;
    return {
      collect: async (properties) => {
        scripted.collections.push({ at: this.#clock.now() - START, properties });
        const seen = new Map(scripted.values);
        await scripted.collect();
        return properties.map((name) => reading(name, seen.get(name) ?? 0, this.#clock.now()));
      },
      apply: async (name, value) => {
        const applied = await scripted.apply(value);
        scripted.values.set(name, applied);
        return applied;
      },
      close: async () => {
        scripted.closed++;
      },
    };
  }

  async close() {}
}

const START = 1_700_000_000_000;
const never = () => new Promise<never>(() => {});
const reading = (name: string, value: TwinValue, observedAt: number): Reading => ({
  property: name,
  value,
  quality: 'GOOD',
  observedAt,
});

let close: () => Promise<void> = async () => {};
afterEach(() => close());

/** A mapper that hangs while it closes is left to itself after a while: the clock must go on. */
function closeAfterwards(host: MapperHost, clock: ManualClock) {
  close = async () => {
    const closing = host.close();
    await clock.advance(2_000);
    await closing;
  };
}

function start({ delivery, sink = new RecordingSink() }: { delivery?: 'event'; sink?: RecordingSink } = {}) {
  const clock = new ManualClock(START);
  const mapper = new ScriptedMapper(clock, delivery);
  const started = startMapperHost({ mappers: [mapper], sink, clock, random: () => 0, logger: silentLogger });
  closeAfterwards(started, clock);
  return { clock, mapper, sink, host: started };
}

const scripted = (name: string, fields: Partial<HostDevice> = {}) =>
  device(name, { protocolName: 'scripted', properties: [property('x')], ...fields });

describe('a collection', () => {
  it('starts at once, then once per cycle on the same grid', async () => {
    const { clock, mapper, host } = start();
    host.setDevices([scripted('a')]);
    await clock.advance(350);
    expect(mapper.device('a').collections.map(({ at }) => at)).toEqual([0, 100, 200, 300]);
  });

  it('reads properties of one period together, and those of another when they are due', async () => {
    const { clock, mapper, host } = start();
    host.setDevices([
      scripted('a', {
        properties: [property('x'), property('y'), property('slow', { collectCycleMs: 300 })],
      }),
    ]);
    await clock.advance(300);
    expect(mapper.device('a').collections).toEqual([
      { at: 0, properties: ['x', 'y', 'slow'] },
      { at: 100, properties: ['x', 'y'] },
      { at: 200, properties: ['x', 'y'] },
      { at: 300, properties: ['x', 'y', 'slow'] },
    ]);
  });

  it('that takes longer than its cycle makes the next start wait for the grid, and never two run at once', async () => {
    const { clock, mapper, host } = start();
    const slow = mapper.device('a');
    slow.collect = () => new Promise((resolve) => clock.setTimer(250, resolve));
    host.setDevices([scripted('a')]);
    await clock.advance(1_000);
    expect(slow.collections.map(({ at }) => at)).toEqual([0, 300, 600, 900]);
  });

  it('reports what changed in one call, and nothing where nothing changed', async () => {
    const { clock, mapper, host, sink } = start();
    host.setDevices([scripted('a', { properties: [property('x'), property('y')] })]);
    await clock.advance(250);
    expect(sink.reports).toHaveLength(1);
    expect(sink.reports[0]?.readings.map((reading) => reading.property)).toEqual(['x', 'y']);
    mapper.device('a').values.set('y', 0.1 + 0.2);
    await clock.advance(100);
    mapper.device('a').values.set('y', 0.3);
    await clock.advance(100);
    expect(sink.values('a', 'y')).toEqual([0, 0.1 + 0.2, 0.3]);
    expect(sink.values('a', 'x')).toEqual([0]);
  });

  it('counts as collected whether or not anything changed', async () => {
    const { clock, host, sink } = start();
    host.setDevices([scripted('a')]);
    await clock.advance(200);
    expect(sink.collections).toEqual(
      [0, 100, 200].map((at) => ({ device: 'a', properties: ['x'], at: START + at })),
    );
  });

  it('is reported again where it could not be stored', async () => {
    const sink = new RecordingSink();
    let full = true;
    const guarded: HostSink = {
      report: (device, readings) => {
        if (full) throw new Error('disk full');
        sink.report(device, readings);
      },
      collected: () => {},
      state: () => {},
    };
    const clock = new ManualClock(START);
    const mapper = new ScriptedMapper(clock);
    const host = startMapperHost({
      mappers: [mapper],
      sink: guarded,
      clock,
      random: () => 0,
      logger: silentLogger,
    });
    mapper.device('a').values.set('x', 5);
    host.setDevices([scripted('a')]);
    await clock.advance(100);
    full = false;
    await clock.advance(100);
    expect(sink.values('a', 'x')).toEqual([5]);
  });
});

describe('[T7] a value outside its type', () => {
  it.each([
    ['INT', 21.3, '21.3'],
    ['DOUBLE', Number.NaN, 'NaN'],
    ['FLOAT', Number.POSITIVE_INFINITY, 'Infinity'],
    ['BOOLEAN', 'on', 'on'],
    ['STRING', 7, '7'],
  ] as const)('of a %s is kept as raw with quality BAD: %s', async (type, value, raw) => {
    const { clock, mapper, host, sink } = start();
    mapper.device('a').values.set('x', value);
    host.setDevices([scripted('a', { properties: [property('x', { type })] })]);
    await clock.advance(0);
    expect(sink.last('a', 'x')).toMatchObject({ value: null, quality: 'BAD', raw });
  });

  it('is not one merely beyond minimum or maximum', async () => {
    const { clock, mapper, host, sink } = start();
    mapper.device('a').values.set('x', 99);
    host.setDevices([scripted('a', { properties: [property('x', { minimum: 5, maximum: 35 })] })]);
    await clock.advance(0);
    expect(sink.last('a', 'x')).toMatchObject({ value: 99, quality: 'GOOD' });
  });
});

describe('a device that fails', () => {
  it('is offline with the reason, tried less and less often up to every 30 s, and online when it answers', async () => {
    const clock = new ManualClock(START);
    const mapper = new ScriptedMapper(clock);
    const sink = new RecordingSink();
    const host = startMapperHost({
      mappers: [mapper],
      sink,
      clock,
      random: () => 0.999,
      logger: silentLogger,
    });
    closeAfterwards(host, clock);
    const broken = mapper.device('a');
    broken.collect = () => Promise.reject(new OctographError('DEVICE_TIMEOUT', 'no answer'));
    host.setDevices([scripted('a')]);
    await clock.advance(300_000);
    expect(sink.states).toEqual([{ device: 'a', state: 'offline', reason: 'no answer' }]);
    const at = broken.collections.map((collection) => collection.at);
    const pauses = at.slice(1).map((next, index) => next - (at[index] as number));
    expect(pauses.every((pause, index) => index === 0 || pause >= (pauses[index - 1] as number) - 1)).toBe(
      true,
    );
    expect(pauses.at(-1)).toBeGreaterThan(29_000);
    expect(pauses.at(-1)).toBeLessThanOrEqual(30_000);
    broken.collect = () => {};
    await clock.advance(30_000);
    expect(sink.stateOf('a')).toBe('online');
  });

  it('is disconnected where the way to it is closed', async () => {
    const { clock, mapper, host, sink } = start();
    mapper.device('a').open = () =>
      Promise.reject(new OctographError('DEVICE_UNREACHABLE', 'cannot connect'));
    host.setDevices([scripted('a')]);
    await clock.advance(0);
    expect(sink.states).toEqual([{ device: 'a', state: 'disconnected', reason: 'cannot connect' }]);
  });

  it.each([
    ['rejects', () => Promise.reject(new Error('broken'))],
    [
      'throws',
      () => {
        throw new Error('broken');
      },
    ],
    ['hangs', never],
  ])('because its mapper %s takes down nobody else', async (_how, fault) => {
    const { clock, mapper, host, sink } = start();
    mapper.device('bad').collect = fault;
    mapper.device('worse').open = fault;
    host.setDevices([scripted('bad'), scripted('worse'), scripted('good')]);
    await clock.advance(20_000);
    expect(sink.stateOf('bad')).toBe('offline');
    expect(sink.stateOf('worse')).toBe('offline');
    expect(mapper.device('good').collections).toHaveLength(201);
    expect(sink.stateOf('good')).toBe('online');
  });

  it('by hanging gets a new session, and what the old one says later is ignored', async () => {
    const { clock, mapper, host, sink } = start();
    const hanging = mapper.device('a');
    hanging.collect = never;
    host.setDevices([scripted('a')]);
    await clock.advance(9_999);
    expect(hanging.collections).toHaveLength(1);
    const oldEvents = hanging.events;
    hanging.collect = () => {};
    await clock.advance(500);
    expect(sink.reasonOf('a')).toBeUndefined();
    expect(sink.stateOf('a')).toBe('online');
    expect(hanging).toMatchObject({ opened: 2, closed: 1 });
    oldEvents?.report([reading('x', 666, START)]);
    expect(sink.values('a', 'x')).toEqual([0]);
  });
});

describe('a configuration', () => {
  it('that the mapper refuses makes the device unhealthy, and is tried again only when it changes', async () => {
    const { clock, mapper, host, sink } = start();
    const refused = mapper.device('a');
    let attempts = 0;
    refused.open = () => {
      attempts++;
      throw new OctographError('MAPPER_CONFIG', 'default/a: ip must be text');
    };
    host.setDevices([scripted('a')]);
    await clock.advance(120_000);
    expect(attempts).toBe(1);
    expect(sink.states).toEqual([{ device: 'a', state: 'unhealthy', reason: 'default/a: ip must be text' }]);
    await expect(host.apply('default/a', 'x', 1, 100)).rejects.toMatchObject({ code: 'MAPPER_CONFIG' });
    refused.open = () => {};
    host.setDevices([scripted('a', { protocol: { ip: '127.0.0.1' } })]);
    await clock.advance(0);
    expect(sink.stateOf('a')).toBe('online');
  });

  it('of an unknown protocol makes the device unhealthy', async () => {
    const { host, sink } = start();
    host.setDevices([scripted('a', { protocolName: 'carrier-pigeon' })]);
    expect(sink.reasonOf('a')).toBe('no mapper for protocol "carrier-pigeon"');
    await expect(host.apply('default/a', 'x', 1, 100)).rejects.toMatchObject({ code: 'MAPPER_CONFIG' });
  });

  it('that did not change, whatever the order of its keys, disturbs nothing', async () => {
    const { clock, mapper, host } = start();
    host.setDevices([scripted('a', { protocol: { ip: 'x', port: 1 } }), scripted('b')]);
    await clock.advance(150);
    host.setDevices([scripted('a', { protocol: { port: 1, ip: 'x' } }), scripted('c')], ['default/b']);
    await clock.advance(150);
    expect(mapper.device('a')).toMatchObject({ opened: 1, closed: 0 });
    expect(mapper.device('a').collections.map(({ at }) => at)).toEqual([0, 100, 200, 300]);
    expect(mapper.device('b')).toMatchObject({ opened: 1, closed: 1 });
    expect(mapper.device('b').collections).toHaveLength(2);
    expect(mapper.device('c').collections.map(({ at }) => at)).toEqual([150, 250]);
  });

  it('under another uid is another device', async () => {
    const { clock, mapper, host, sink } = start();
    host.setDevices([scripted('a')]);
    await clock.advance(50);
    host.setDevices([scripted('a', { uid: 'another' })]);
    await clock.advance(0);
    expect(mapper.device('a')).toMatchObject({ opened: 2, closed: 1 });
    expect(sink.values('a', 'x')).toEqual([0, 0]);
  });
});

describe('a command', () => {
  it('resolves to what the device represents, which was reported before', async () => {
    const { clock, mapper, host, sink } = start();
    mapper.device('a').apply = (value) => Math.round(Number(value));
    host.setDevices([scripted('a')]);
    await clock.advance(0);
    expect(await host.apply('default/a', 'x', 21.3, 1_000)).toBe(21);
    expect(sink.values('a', 'x')).toEqual([0, 21]);
    await clock.advance(100);
    expect(sink.values('a', 'x')).toEqual([0, 21]);
  });

  it('is not undone by a reading that was taken before it', async () => {
    const { clock, mapper, host, sink } = start();
    const slow = mapper.device('a');
    slow.collect = () => new Promise((resolve) => clock.setTimer(50, resolve));
    host.setDevices([scripted('a', { properties: [property('x'), property('y')] })]);
    await clock.advance(120);
    await host.apply('default/a', 'x', 42, 1_000);
    await clock.advance(40);
    expect(sink.values('a', 'x')).toEqual([0, 42]);
    await clock.advance(200);
    expect(sink.values('a', 'x')).toEqual([0, 42]);
  });

  it('passes the way its device is refused', async () => {
    const { clock, mapper, host } = start();
    mapper.device('a').apply = () => Promise.reject(new OctographError('DEVICE_REFUSED', 'too hot'));
    host.setDevices([scripted('a')]);
    await clock.advance(0);
    await expect(host.apply('default/a', 'x', 1, 100)).rejects.toMatchObject({
      code: 'DEVICE_REFUSED',
      message: 'too hot',
    });
  });

  it('ends at its deadline though the mapper hangs', async () => {
    const { clock, mapper, host } = start();
    mapper.device('a').apply = never;
    host.setDevices([scripted('a')]);
    const applying = host.apply('default/a', 'x', 1, 500);
    applying.catch(() => {});
    await clock.advance(500);
    await expect(applying).rejects.toMatchObject({
      code: 'DEVICE_TIMEOUT',
      message: 'setting x of default/a took longer than 500 ms',
    });
  });

  it('ends when its device is removed', async () => {
    const { clock, mapper, host } = start();
    mapper.device('a').apply = never;
    host.setDevices([scripted('a')]);
    await clock.advance(0);
    const applying = host.apply('default/a', 'x', 1, 500);
    host.setDevices([], ['default/a']);
    await expect(applying).rejects.toThrow('default/a was removed from this node');
  });

  it('goes the way that is set in the same turn, not the one of before', async () => {
    const { clock, mapper, host } = start();
    host.setDevices([scripted('a')]);
    await clock.advance(0);
    const before = mapper.device('a');
    mapper.devices.delete('a');
    const applying = host.apply('default/a', 'x', 1, 500);
    host.setDevices([{ ...scripted('a'), protocol: { address: 'another' } }]);
    await expect(applying).resolves.toBe(1);
    expect(before.values.has('x')).toBe(false);
    expect(mapper.device('a').values.get('x')).toBe(1);
  });

  it('that succeeds brings an offline device back at once', async () => {
    const { clock, mapper, host, sink } = start();
    const broken = mapper.device('a');
    broken.collect = () => Promise.reject(new Error('no answer'));
    host.setDevices([scripted('a')]);
    await clock.advance(60_000);
    broken.collect = () => {};
    await host.apply('default/a', 'x', 1, 100);
    expect(sink.stateOf('a')).toBe('online');
  });

  it('for an unknown device, property or method says so', async () => {
    const { clock, host } = start();
    host.setDevices([scripted('a')]);
    await clock.advance(0);
    await expect(host.apply('default/b', 'x', 1, 100)).rejects.toThrow('this node runs no device default/b');
    await expect(host.apply('default/a', 'y', 1, 100)).rejects.toThrow('default/a has no property "y"');
    await expect(host.invoke('default/a', { method: 'reset', args: {} }, 100)).rejects.toThrow(
      'default/a has no method reset that can be called',
    );
  });
});

describe('a read on demand', () => {
  it('answers with the device now, and reports what changed', async () => {
    const { clock, mapper, host, sink } = start();
    host.setDevices([scripted('a', { properties: [property('x', { collectCycleMs: 60_000 })] })]);
    await clock.advance(0);
    mapper.device('a').values.set('x', 8);
    expect(await host.read('default/a', ['x'], 100)).toMatchObject([{ property: 'x', value: 8 }]);
    expect(sink.values('a', 'x')).toEqual([0, 8]);
  });
});

describe('a device that tells on its own', () => {
  it('is not polled; its readings of one message are reported together, its state as it says', async () => {
    const { clock, mapper, host, sink } = start({ delivery: 'event' });
    host.setDevices([scripted('a', { properties: [property('x'), property('y')] })]);
    await clock.advance(1_000);
    const { events, collections } = mapper.device('a');
    expect(collections).toEqual([]);
    expect(sink.states).toEqual([]);
    events?.state('online');
    events?.report([reading('x', 1, START), reading('y', 2, START), reading('unknown', 3, START)]);
    events?.report([reading('x', 1, START)]);
    expect(sink.reports.map(({ readings }) => readings.map(({ property }) => property))).toEqual([
      ['x', 'y'],
    ]);
    expect(sink.collections.map(({ properties }) => properties)).toEqual([['x', 'y'], ['x']]);
    expect(sink.stateOf('a')).toBe('online');
  });

  it('that cannot be opened yet is tried again', async () => {
    const { clock, mapper, host, sink } = start({ delivery: 'event' });
    const later = mapper.device('a');
    later.open = () => Promise.reject(new OctographError('DEVICE_UNREACHABLE', 'no broker'));
    host.setDevices([scripted('a')]);
    await clock.advance(10);
    expect(sink.stateOf('a')).toBe('disconnected');
    later.open = () => {};
    await clock.advance(30_000);
    expect(later.opened).toBe(1);
  });
});
