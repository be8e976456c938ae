import { describe, expect, it, onTestFinished } from 'vitest';
import { hostDevice, startDeviceLink } from '../../edge-node/device-link.ts';
import { MetadataCache } from '../../edge-node/metadata-cache.ts';
import { ObjectIntake } from '../../edge-node/object-intake.ts';
import { OctographError } from '../../lib/errors.ts';
import { silentLogger } from '../../lib/logger.ts';
import type { Mapper, MapperEvents, Reading } from '../../mappers/contract.ts';
import { deviceObject } from '../harness/objects.ts';
import { EdgeFixture, MODEL, PUMP } from './fixture.ts';

/** A protocol whose one device says what the test says. */
class ScriptedMapper implements Mapper {
  readonly protocol = 'modbus';
  readonly delivery: 'poll' | 'event';
  answer: () => Reading[] = () => [];
  events: MapperEvents | undefined;

  constructor(delivery: 'poll' | 'event') {
    this.delivery = delivery;
  }

  async open(_device: unknown, events: MapperEvents) {
    this.events = events;
    return {
      collect: async () => this.answer(),
      apply: async () => 0,
      close: async () => {},
    };
  }

  async close(): Promise<void> {}
}

function start(delivery: 'poll' | 'event' = 'poll') {
  const edge = new EdgeFixture();
  const metadata = new MetadataCache([deviceObject('pump'), MODEL]);
  const mapper = new ScriptedMapper(delivery);
  const heard: string[] = [];
  const host = startDeviceLink({
    registry: edge.registry,
    mappers: [mapper],
    onState: (device, urgent) => heard.push(`${device} ${urgent ? 'state' : 'age'}`),
    onOnline: (device) => heard.push(`${device} online`),
    clock: edge.clock,
    random: () => 0,
    logger: silentLogger,
  });
  onTestFinished(() => host.close());
  const intake = new ObjectIntake({ store: edge.store, registry: edge.registry, metadata, host });
  const reading = (value: number, property = 'temperature'): Reading => ({
    property,
    ...edge.reported(value),
  });
  return { edge, intake, mapper, heard, reading, run: () => intake.begin() };
}

describe('a polled device', () => {
  it('is online when it answers; its values and its age reach the registry', async () => {
    const { edge, mapper, heard, reading, run } = start();
    mapper.answer = () => [reading(20)];
    run();
    await edge.clock.advance(10);
    expect(edge.twin('temperature')?.reported?.value).toBe(20);
    expect(edge.registry.state(PUMP)).toMatchObject({ uid: 'uid-pump', state: 'online', byEvent: false });
    expect(edge.registry.state(PUMP)?.aliveAt).toBeGreaterThan(0);
    expect(heard).toEqual([`${PUMP} age`, `${PUMP} state`, `${PUMP} online`]);
  });

  it('gets older and younger without any change of its twin', async () => {
    const { edge, mapper, reading, run } = start();
    mapper.answer = () => [reading(20)];
    run();
    await edge.clock.advance(10);
    const seq = edge.twin('temperature')?.seq;
    const aliveAt = edge.registry.state(PUMP)?.aliveAt ?? 0;
    await edge.clock.advance(5000);
    expect(edge.twin('temperature')?.seq).toBe(seq);
    expect(edge.registry.state(PUMP)?.aliveAt).toBeGreaterThan(aliveAt);
  });

  it('that fails keeps its last values and its age, and says why', async () => {
    const { edge, mapper, reading, run } = start();
    mapper.answer = () => [reading(20)];
    run();
    await edge.clock.advance(10);
    const aliveAt = edge.registry.state(PUMP)?.aliveAt;
    mapper.answer = () => {
      throw new OctographError('DEVICE_TIMEOUT', 'no answer');
    };
    await edge.clock.advance(1000);
    expect(edge.registry.state(PUMP)).toMatchObject({ state: 'offline', reason: 'no answer', aliveAt });
    expect(edge.twin('temperature')?.reported?.value).toBe(20);
  });

  it('of a protocol that nobody speaks is not online', async () => {
    const { edge, intake } = start();
    const odd = deviceObject('odd');
    odd.spec.protocol = { protocolName: 'telepathy' };
    intake.take(false, [odd], []);
    await edge.clock.advance(1000);
    expect(edge.registry.state('default/odd')?.state).not.toBe('online');
  });
});

describe('a device that speaks by itself', () => {
  it('is marked so: its silence is no sign of age', async () => {
    const { edge, mapper, reading, run } = start('event');
    run();
    await edge.clock.advance(1000);
    mapper.events?.state('online');
    mapper.events?.report([reading(21), reading(1, 'speed')]);
    expect(edge.registry.state(PUMP)).toMatchObject({ state: 'online', byEvent: true });
    expect(edge.twin('temperature')?.reported?.value).toBe(21);
    expect(edge.twin('speed')).toBeUndefined();
  });
});

describe('what the host is given', () => {
  it('is the device joined with its model, by the names of its protocol', () => {
    const { edge, run } = start();
    run();
    expect(hostDevice(deviceObject('pump'), MODEL, edge.registry)).toMatchObject({
      namespace: 'default',
      name: 'pump',
      uid: 'uid-pump',
      protocolName: 'modbus',
      properties: [{ name: 'temperature' }, { name: 'setpoint' }, { name: 'mode' }],
    });
  });

  it('has no properties while the model is missing', () => {
    const { edge, intake } = start();
    intake.take(false, [], [{ kind: 'DeviceModel', namespace: 'default', name: 'thermostat' }]);
    expect(hostDevice(deviceObject('pump'), undefined, edge.registry)).toMatchObject({ properties: [] });
  });
});
