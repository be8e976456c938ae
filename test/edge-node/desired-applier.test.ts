import { describe, expect, it, onTestFinished } from 'vitest';
import { DesiredApplier, type DeviceWriter } from '../../edge-node/desired-applier.ts';
import { OctographError } from '../../lib/errors.ts';
import { silentLogger } from '../../lib/logger.ts';
import { LOCAL_ONLY } from '../../twin/local-only.ts';
import type { TwinValue } from '../../twin/value.ts';
import { deviceObject, modelObject } from '../harness/objects.ts';
import { EdgeFixture, MODEL, PUMP } from './fixture.ts';

interface Write {
  what: string;
  value: TwinValue;
  answer(value: TwinValue): void;
  fail(code: string, message: string): void;
}

/** A device whose answers the test gives. */
class ScriptedWriter implements DeviceWriter {
  readonly writes: Write[] = [];

  apply(device: string, property: string, value: TwinValue): Promise<TwinValue> {
    return new Promise((resolve, reject) => {
      this.writes.push({
        what: `${device}/${property}`,
        value,
        answer: resolve,
        fail: (code, message) => reject(new OctographError(code, message)),
      });
    });
  }

  get values(): TwinValue[] {
    return this.writes.map(({ value }) => value);
  }

  get last(): Write {
    return this.writes.at(-1) as Write;
  }
}

function start(edge = new EdgeFixture(), random = () => 0.5) {
  const writer = new ScriptedWriter();
  const applier = new DesiredApplier({
    registry: edge.registry,
    writer,
    cloudNow: () => edge.clock.now(),
    clock: edge.clock,
    random,
    logger: silentLogger,
  });
  onTestFinished(() => applier.close());
  const desire = (setpoint: string, uid?: string) =>
    edge.registry.setDevice(deviceObject('pump', { uid, desired: { setpoint } }), MODEL);
  return { edge, writer, applier, desire, settle: () => edge.clock.advance(0) };
}

describe('a desired value', () => {
  it('is written, and confirmed as the device represents it', async () => {
    const { edge, writer, desire, settle } = start();
    desire('21.3');
    expect(writer.writes).toMatchObject([{ what: `${PUMP}/setpoint`, value: 21.3 }]);
    writer.last.answer(21.299999237060547);
    await settle();
    expect(edge.twin('setpoint')).toMatchObject({
      confirmed: 21.299999237060547,
      reported: { value: 21.299999237060547 },
      sync: { state: 'IN_SYNC' },
    });
    expect(writer.writes).toHaveLength(1);
  });

  it('that the device refuses is settled: it is not tried again', async () => {
    const { edge, writer, desire } = start();
    desire('21');
    writer.last.fail('DEVICE_REFUSED', 'illegal data value');
    await edge.clock.advance(120_000);
    expect(edge.twin('setpoint')?.sync).toMatchObject({ state: 'REJECTED', reason: 'illegal data value' });
    expect(writer.writes).toHaveLength(1);
  });

  it('that the device answers with nothing of its type is rejected in words', async () => {
    const { edge, writer, desire, settle } = start();
    desire('21');
    writer.last.answer(null);
    await settle();
    expect(edge.twin('setpoint')?.sync).toMatchObject({
      state: 'REJECTED',
      reason: 'the device answered with no value of its type',
    });
  });

  it('that does not fit the model never reaches the device', () => {
    const { writer, desire } = start();
    desire('99');
    expect(writer.writes).toEqual([]);
  });

  it('waits for the write before it: only the newest is written then', async () => {
    const { edge, writer, desire, settle } = start();
    desire('21');
    desire('22');
    desire('23');
    expect(writer.values).toEqual([21]);
    writer.last.answer(21);
    await settle();
    expect(writer.values).toEqual([21, 23]);
    expect(edge.state('setpoint')).toBe('DELIVERED');
    writer.last.answer(23);
    await settle();
    expect(edge.twin('setpoint')).toMatchObject({ confirmed: 23, sync: { state: 'IN_SYNC' } });
  });

  it('is not settled by what the device said of the value before it', async () => {
    const { edge, writer, desire, settle } = start();
    desire('21');
    desire('22');
    writer.last.fail('DEVICE_REFUSED', 'too high');
    await settle();
    expect(edge.state('setpoint')).toBe('DELIVERED');
    expect(writer.values).toEqual([21, 22]);
  });

  it('is not settled by what was said of another device of its name', async () => {
    const { edge, writer, desire, settle } = start();
    desire('21');
    edge.registry.removeDevice(PUMP);
    desire('21', 'uid-2');
    writer.writes[0]?.answer(21);
    await settle();
    expect(edge.twin('setpoint')).toMatchObject({ uid: 'uid-2', sync: { state: 'DELIVERED' } });
    expect(writer.values).toEqual([21, 21]);
  });

  it('that is cleared while it waits is not written', async () => {
    const { edge, writer, desire } = start();
    desire('21');
    writer.last.fail('DEVICE_UNREACHABLE', 'no route');
    await edge.clock.advance(0);
    edge.registry.setDevice(deviceObject('pump'), MODEL);
    await edge.clock.advance(120_000);
    expect(writer.values).toEqual([21]);
  });

  it('of two properties is written side by side', () => {
    const { edge, writer } = start();
    edge.registry.setDevice(deviceObject('pump', { desired: { setpoint: '21', mode: 'eco' } }), MODEL);
    expect(writer.values).toEqual([21, 'eco']);
  });
});

describe('a device that does not answer', () => {
  it('is tried again, each time later, up to half a minute', async () => {
    const { edge, writer, desire } = start(undefined, () => 0.999999);
    desire('21');
    const waitsMs: number[] = [];
    for (let attempt = 0; attempt < 9; attempt++) {
      const before = edge.clock.now();
      const count = writer.writes.length;
      writer.last.fail('DEVICE_TIMEOUT', 'no answer');
      while (writer.writes.length === count) await edge.clock.advance(50);
      waitsMs.push(edge.clock.now() - before);
    }
    expect(waitsMs).toEqual([700, 1200, 2200, 4200, 8200, 16200, 30200, 30200, 30200]);
    expect(edge.state('setpoint')).toBe('DELIVERED');
  });

  it('is not knocked at sooner because another reading came', async () => {
    const { edge, writer, desire } = start();
    desire('21');
    writer.last.fail('DEVICE_TIMEOUT', 'no answer');
    await edge.clock.advance(0);
    for (let value = 0; value < 20; value++) edge.registry.report(PUMP, 'setpoint', edge.reported(value));
    expect(writer.writes).toHaveLength(1);
  });

  it('gets another value at once', async () => {
    const { edge, writer, desire } = start();
    desire('21');
    writer.last.fail('DEVICE_TIMEOUT', 'no answer');
    await edge.clock.advance(0);
    desire('22');
    expect(writer.values).toEqual([21, 22]);
    writer.last.answer(22);
    await edge.clock.advance(120_000);
    expect(writer.values).toEqual([21, 22]);
  });

  it('is tried at once when it is back', async () => {
    const { edge, writer, applier, desire } = start();
    desire('21');
    writer.last.fail('DEVICE_UNREACHABLE', 'no route');
    await edge.clock.advance(0);
    applier.retryDevice('default/other');
    expect(writer.writes).toHaveLength(1);
    applier.retryDevice(PUMP);
    expect(writer.values).toEqual([21, 21]);
    applier.retryDevice(PUMP);
    expect(writer.writes).toHaveLength(2);
  });

  it('is left in peace when it was removed', async () => {
    const { edge, writer, desire } = start();
    desire('21');
    writer.last.fail('DEVICE_UNREACHABLE', 'no route');
    await edge.clock.advance(0);
    edge.registry.removeDevice(PUMP);
    await edge.clock.advance(120_000);
    expect(writer.writes).toHaveLength(1);
  });

  it('is left in peace when its model no longer has the property', async () => {
    const { edge, writer, desire } = start();
    desire('21');
    writer.last.fail('DEVICE_TIMEOUT', 'no answer');
    const without = modelObject('thermostat', [{ name: 'temperature', type: 'DOUBLE' }]);
    edge.registry.setDevice(deviceObject('pump', { desired: { setpoint: '21' } }), without);
    await edge.clock.advance(120_000);
    expect(writer.writes).toHaveLength(1);
  });
});

describe('the end of the process', () => {
  it('ends all writing: nothing is sent, confirmed or retried after close', async () => {
    const { edge, writer, applier, desire } = start();
    desire('21');
    applier.close();
    applier.close();
    writer.last.answer(21);
    desire('22');
    applier.retryDevice(PUMP);
    await edge.clock.advance(120_000);
    expect(writer.values).toEqual([21]);
    expect(edge.state('setpoint')).toBe('DELIVERED');
  });

  it('loses nothing: what was delivered and not confirmed is taken up at the next start', async () => {
    const { edge, applier, desire } = start();
    desire('21');
    applier.close();
    await edge.restart();
    const next = start(edge);
    edge.registry.setDevice(deviceObject('pump', { desired: { setpoint: '21' } }), MODEL);
    expect(next.writer.writes).toEqual([]);
    next.applier.resume();
    expect(next.writer.values).toEqual([21]);
  });
});

describe('[T20] a value with conditions', () => {
  const wish = (metadata: Record<string, string>) => ({
    setpoint: {
      value: '21',
      metadata: { 'octograph.dev/value': '21', 'octograph.dev/change': 'chg-1', ...metadata },
    },
  });

  it('is not applied once it has expired in the time of the cloud', async () => {
    const { edge, writer, settle } = start();
    const expiresAt = new Date(edge.clock.now() - 1).toISOString();
    edge.registry.setDevice(
      deviceObject('pump', { desired: wish({ 'octograph.dev/expires-at': expiresAt }) }),
      MODEL,
    );
    await settle();
    expect(writer.values).toEqual([]);
    expect(edge.registry.get('default/pump', 'setpoint')?.sync).toMatchObject({
      state: 'EXPIRED',
      change: 'chg-1',
    });
  });

  it('expires while its device does not answer, and is not tried again', async () => {
    const { edge, writer, settle } = start();
    const expiresAt = new Date(edge.clock.now() + 1000).toISOString();
    edge.registry.setDevice(
      deviceObject('pump', { desired: wish({ 'octograph.dev/expires-at': expiresAt }) }),
      MODEL,
    );
    await settle();
    writer.last.fail('DEVICE_UNREACHABLE', 'no answer');
    await edge.clock.advance(1000);
    for (const write of writer.writes.slice(1)) write.fail('DEVICE_UNREACHABLE', 'no answer');
    await edge.clock.advance(1000);
    const tried = writer.writes.length;
    await edge.clock.advance(60_000);
    expect(writer.writes).toHaveLength(tried);
    expect(edge.registry.get('default/pump', 'setpoint')?.sync.state).toBe('EXPIRED');
  });

  it('is refused where the device does not report what it has to', async () => {
    const { edge, writer, settle } = start();
    const condition = JSON.stringify([{ property: 'temperature', value: { lt: 50 } }]);
    edge.registry.setDevice(deviceObject('pump'), MODEL);
    edge.registry.report('default/pump', 'temperature', { value: 60, quality: 'GOOD', observedAt: 1 });
    edge.registry.setDevice(
      deviceObject('pump', { desired: wish({ 'octograph.dev/if-reported': condition }) }),
      MODEL,
    );
    await settle();
    expect(writer.values).toEqual([]);
    expect(edge.registry.get('default/pump', 'setpoint')?.sync).toMatchObject({
      state: 'REJECTED',
      reason: expect.stringContaining('temperature reports 60'),
    });
  });

  it.each([
    ['temperature', 'REJECTED', []],
    ['temperature,setpoint', 'DELIVERED', [21]],
  ])(
    '[T25] on what is local only (%s) is not judged where others would see how it went',
    async (names, state, values) => {
      const { edge, writer, settle } = start();
      const condition = JSON.stringify([{ property: 'temperature', value: { lt: 50 } }]);
      const annotations = { [LOCAL_ONLY]: names };
      edge.registry.setDevice(deviceObject('pump', { annotations }), MODEL);
      edge.registry.report('default/pump', 'temperature', { value: 40, quality: 'GOOD', observedAt: 1 });
      const desired = wish({ 'octograph.dev/if-reported': condition });
      edge.registry.setDevice(deviceObject('pump', { annotations, desired }), MODEL);
      await settle();
      expect(writer.values).toEqual(values);
      expect(edge.state('setpoint')).toBe(state);
      expect(edge.twin('setpoint')?.sync.reason ?? '').not.toContain('40');
    },
  );

  it('is applied where everything holds', async () => {
    const { edge, writer, settle } = start();
    const condition = JSON.stringify([{ property: 'temperature', value: { lt: 50 } }]);
    edge.registry.setDevice(deviceObject('pump'), MODEL);
    edge.registry.report('default/pump', 'temperature', { value: 40, quality: 'GOOD', observedAt: 1 });
    const expiresAt = new Date(edge.clock.now() + 1000).toISOString();
    const metadata = { 'octograph.dev/if-reported': condition, 'octograph.dev/expires-at': expiresAt };
    edge.registry.setDevice(deviceObject('pump', { desired: wish(metadata) }), MODEL);
    await settle();
    expect(writer.values).toEqual([21]);
  });
});
