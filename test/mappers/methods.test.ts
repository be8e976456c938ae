import { afterEach, describe, expect, it } from 'vitest';
import { Disposables } from '../../lib/disposables.ts';
import { OctographError } from '../../lib/errors.ts';
import { silentLogger } from '../../lib/logger.ts';
import type { DeviceMethod } from '../../mappers/contract.ts';
import { type MethodCall, startMapperHost } from '../../mappers/host.ts';
import { OnceGuard } from '../../mappers/once-guard.ts';
import { createSimulatedMapper } from '../../mappers/simulated/mapper.ts';
import { ManualClock } from '../harness/manual-clock.ts';
import { device, property } from './models.ts';
import { RecordingSink } from './recording-sink.ts';

const disposables = new Disposables();
afterEach(() => disposables.close());

function start(methods: DeviceMethod[] = [], own: Record<string, unknown> = {}) {
  const clock = new ManualClock();
  const sink = new RecordingSink();
  const random = () => 0;
  const host = disposables.use(
    startMapperHost({
      mappers: [createSimulatedMapper({ clock, random })],
      sink,
      clock,
      random,
      logger: silentLogger,
    }),
  );
  const properties = [
    property('speed', { type: 'INT', minimum: 0, maximum: 9 }),
    property('level'),
    property('load', { accessMode: 'READ_ONLY' }),
  ];
  host.setDevices([
    device('pump', { protocolName: 'simulated', protocol: { methods: own }, properties, methods }),
  ]);
  const invoke = (call: Partial<MethodCall>, deadlineMs = 1_000) =>
    host.invoke('default/pump', { method: 'start', args: {}, ...call }, deadlineMs);
  return { clock, sink, host, invoke };
}

const sets = (...propertyNames: string[]): DeviceMethod => ({ name: 'start', propertyNames });

describe('a method of the protocol', () => {
  it('is called with its arguments and answers with a result', async () => {
    const { clock, invoke } = start([], { start: {}, tell: { result: 'done' } });
    const first = invoke({ args: { speed: 3 } });
    const second = invoke({ method: 'tell' });
    await clock.advance(0);
    expect(await first).toBe('{"speed":3}');
    expect(await second).toBe('done');
  });

  it('that the device refuses says why', async () => {
    const { clock, invoke } = start([], { start: { refuses: 'door open' } });
    const refused = expect(invoke({})).rejects.toMatchObject({
      code: 'DEVICE_REFUSED',
      message: 'default/pump, method start: door open',
    });
    await clock.advance(0);
    await refused;
  });

  it('that takes too long is given up at its deadline', async () => {
    const { clock, invoke } = start([], { start: { takesMs: 5_000 } });
    const given = expect(invoke({}, 500)).rejects.toMatchObject({ code: 'DEVICE_TIMEOUT' });
    await clock.advance(500);
    await given;
  });
});

describe("KubeEdge's kind of method", () => {
  it('sets its properties in their order, and answers with what the device made of them', async () => {
    const { clock, sink, invoke } = start([sets('speed', 'level')]);
    const result = invoke({ args: { level: 2.123, speed: 3 } });
    await clock.advance(0);
    expect(await result).toBe('{"speed":3,"level":2.12}');
    expect(sink.last('pump', 'level')).toMatchObject({ value: 2.12, quality: 'GOOD' });
  });

  it('with one property answers with its value', async () => {
    const { clock, invoke } = start([sets('speed', 'level')]);
    const result = invoke({ args: { level: 2.123 } });
    await clock.advance(0);
    expect(await result).toBe(2.12);
  });

  it.each([
    [{}, 'method start needs a value for at least one of speed, level'],
    [{ load: 1 }, 'method start does not set load; it sets speed, level'],
  ])('refuses the arguments %j', async (args, message) => {
    const { clock, invoke } = start([sets('speed', 'level')]);
    const refused = expect(invoke({ args })).rejects.toMatchObject({ code: 'INVALID_VALUE', message });
    await clock.advance(0);
    await refused;
  });

  it.each([
    [{ level: 1, speed: 90 }, 'method start: speed: 90 is above the maximum 9'],
    [{ level: 1, speed: 3.4 }, 'method start: speed is INT: expected an integer, got 3.4'],
    [{ level: 1, speed: null }, 'method start: speed is INT: expected an integer, got null'],
  ])('holds %j against the model before it writes any of it', async (args, message) => {
    const { clock, sink, invoke } = start([sets('level', 'speed')]);
    const refused = expect(invoke({ args })).rejects.toMatchObject({ code: 'INVALID_VALUE', message });
    await clock.advance(0);
    await refused;
    expect(sink.values('pump', 'level')).not.toContain(1);
  });

  it('cannot set what the model does not have', async () => {
    const { clock, invoke } = start([sets('tilt')]);
    const refused = expect(invoke({ args: { tilt: 1 } })).rejects.toMatchObject({
      code: 'DEVICE_REFUSED',
      message: 'method start sets tilt, which its model does not have',
    });
    await clock.advance(0);
    await refused;
  });

  it('that ends half way says what it did', async () => {
    const { clock, invoke } = start([sets('speed', 'load')]);
    const failed = expect(invoke({ args: { speed: 3, load: 1 } })).rejects.toMatchObject({
      code: 'DEVICE_TIMEOUT',
      message: 'method start ended half way: default/pump: load cannot be set; written before: {"speed":3}',
    });
    await clock.advance(0);
    await failed;
  });

  it('without any property cannot be called', async () => {
    const { clock, invoke } = start([sets()]);
    const refused = expect(invoke({})).rejects.toThrow('default/pump has no method start that can be called');
    await clock.advance(0);
    await refused;
  });
});

describe('a call with a key', () => {
  it('that is sent again joins the one under way, and later gets its answer', async () => {
    const { clock, sink, invoke } = start([sets('speed')]);
    const call = { args: { speed: 3 }, key: 'k1' };
    const both = [invoke(call), invoke(call)];
    await clock.advance(0);
    expect(await Promise.all(both)).toEqual([3, 3]);
    const changed = invoke({ args: { speed: 7 } });
    await clock.advance(0);
    await changed;
    expect(await invoke(call)).toBe(3);
    expect(sink.last('pump', 'speed')?.value).toBe(7);
  });

  it('that was given up is not made again: the device may have done it', async () => {
    const { clock, invoke } = start([], { start: { takesMs: 800 } });
    const first = expect(invoke({ key: 'k1' }, 500)).rejects.toMatchObject({ code: 'DEVICE_TIMEOUT' });
    await clock.advance(500);
    await first;
    await expect(invoke({ key: 'k1' }, 5_000)).rejects.toMatchObject({ code: 'DEVICE_TIMEOUT' });
  });

  it('is not taken for another call', async () => {
    const { clock, invoke } = start([sets('speed')]);
    const first = invoke({ args: { speed: 3 }, key: 'k1' });
    await clock.advance(0);
    await first;
    await expect(invoke({ args: { speed: 4 }, key: 'k1' })).rejects.toMatchObject({
      code: 'IDEMPOTENCY_CONFLICT',
    });
  });
});

describe('a call that has expired', () => {
  it('is refused, and the device does not hear of it', async () => {
    const { clock, sink, invoke } = start([sets('speed')]);
    await expect(invoke({ args: { speed: 3 }, expiresAt: clock.now() })).rejects.toMatchObject({
      code: 'METHOD_EXPIRED',
      message: expect.stringContaining('start of default/pump was to be called before 20'),
    });
    await clock.advance(0);
    expect(sink.values('pump', 'speed')).not.toContain(3);
  });

  it('while it waits is given up then', async () => {
    const { clock, invoke } = start([], { start: { takesMs: 5_000 } });
    const expires = expect(invoke({ expiresAt: clock.now() + 300 }, 60_000)).rejects.toMatchObject({
      code: 'DEVICE_TIMEOUT',
    });
    await clock.advance(300);
    await expires;
  });
});

describe('the guard of calls', () => {
  const isHarmless = (error: unknown) => (error as OctographError).code === 'DEVICE_UNREACHABLE';

  it('forgets a call that never left', async () => {
    const guard = new OnceGuard<number>({ isHarmless });
    const unreachable = () => Promise.reject(new OctographError('DEVICE_UNREACHABLE', 'no way'));
    await expect(guard.run('k', 'q', unreachable)).rejects.toThrow('no way');
    expect(await guard.run('k', 'q', async () => 1)).toBe(1);
  });

  it('forgets its oldest answer at its limit, never a call under way', async () => {
    const guard = new OnceGuard<number>({ limit: 2, isHarmless });
    const open = Promise.withResolvers<number>();
    const first = guard.run('a', 'q', () => open.promise);
    await guard.run('b', 'q', async () => 1);
    await guard.run('c', 'q', async () => 2);
    expect(await guard.run('b', 'q', async () => 3)).toBe(3);
    open.resolve(9);
    expect(await first).toBe(9);
    expect(await guard.run('a', 'q', async () => 4)).toBe(9);
  });

  it('takes no more calls than its limit at once', () => {
    const guard = new OnceGuard<number>({ limit: 1, isHarmless });
    void guard.run('a', 'q', () => new Promise(() => {}));
    expect(() => guard.run('b', 'q', async () => 1)).toThrow('1 calls of methods are under way');
  });
});
