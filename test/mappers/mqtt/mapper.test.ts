import { connectAsync } from 'mqtt';
import { afterEach, describe, expect, it } from 'vitest';
import { type Broker, startBroker } from '../../../bus/broker.ts';
import { startMqttRoom } from '../../../cli/simulate/mqtt-room.ts';
import { systemClock } from '../../../lib/clock.ts';
import { Disposables } from '../../../lib/disposables.ts';
import { silentLogger } from '../../../lib/logger.ts';
import { type HostDevice, type MapperHost, startMapperHost } from '../../../mappers/host.ts';
import { createMqttMapper } from '../../../mappers/mqtt/mapper.ts';
import type { PropertyModel } from '../../../twin/model.ts';
import { waitFor } from '../../harness/wait.ts';
import { device, property } from '../models.ts';
import { RecordingSink } from '../recording-sink.ts';

const disposables = new Disposables();
afterEach(() => disposables.close());

const startBus = async (port = 0): Promise<Broker> =>
  disposables.use(await startBroker({ host: '127.0.0.1', port, clock: systemClock, logger: silentLogger }));

async function startDevice(url: string) {
  const client = await connectAsync(url, { reconnectPeriod: 100 });
  disposables.add(() => client.endAsync(true));
  return client;
}

function startHost(brokerUrl: string, devices: HostDevice[]): { host: MapperHost; sink: RecordingSink } {
  const sink = new RecordingSink();
  const clock = systemClock;
  const host = disposables.use(
    startMapperHost({
      mappers: [createMqttMapper({ broker: { url: brokerUrl }, clock, logger: silentLogger })],
      sink,
      clock,
      random: () => 0,
      logger: silentLogger,
    }),
  );
  host.setDevices(devices);
  return { host, sink };
}

const mqttDevice = (properties: PropertyModel[], protocol: Record<string, unknown> = {}) =>
  device('d', { protocolName: 'mqtt', protocol, properties });

const tells = (name: string, visitor: Record<string, unknown>, fields: Partial<PropertyModel> = {}) =>
  property(name, { visitor: { topic: 't', ...visitor }, ...fields });

/** Until the mapper listens: what is told before is told to nobody. */
const listening = (sink: RecordingSink) =>
  waitFor('the mapper to listen', () => sink.states.some(({ state }) => state !== 'disconnected'));

describe('the simulated room', () => {
  const room = mqttDevice(
    [
      tells('humidity', { topic: 'rooms/blue/air', jsonPath: 'humidity' }),
      tells('co2', { topic: 'rooms/blue/air', jsonPath: '$.co2' }, { type: 'INT' }),
      tells(
        'fanSpeed',
        {
          topic: 'rooms/blue/fan',
          jsonPath: 'speed',
          setTopic: 'rooms/blue/fan/set',
          setPayload: '{"speed":{{value}}}',
        },
        { type: 'INT' },
      ),
    ],
    { stateTopic: 'rooms/blue/state' },
  );

  const startRoom = (brokerUrl: string) =>
    disposables.use(
      startMqttRoom({ brokerUrl, name: 'blue', clock: systemClock, random: Math.random, stepMs: 20 }),
    );

  it('tells its air, several values of one message together, and obeys', async () => {
    const { url } = await startBus();
    startRoom(url);
    const { host, sink } = startHost(url, [room]);
    await waitFor('the air', () => sink.values('d', 'co2').length > 3);
    const together = sink.reports.find(({ readings }) => readings.length === 2);
    expect(together?.readings.map(({ property }) => property)).toEqual(['humidity', 'co2']);
    expect(sink.stateOf('d')).toBe('online');
    expect(await host.apply('default/d', 'fanSpeed', 3, 5_000)).toBe(3);
    expect(sink.values('d', 'fanSpeed').at(-1)).toBe(3);
    expect(await host.read('default/d', ['fanSpeed'], 1_000)).toMatchObject([
      { property: 'fanSpeed', value: 3 },
    ]);
  });

  it('is asked for a speed that it has already, and says so', async () => {
    const { url } = await startBus();
    startRoom(url);
    const { host, sink } = startHost(url, [room]);
    await waitFor('the fan', () => sink.values('d', 'fanSpeed').length > 0);
    expect(await host.apply('default/d', 'fanSpeed', 1, 5_000)).toBe(1);
  });

  it('does not confirm a speed that it does not take', async () => {
    const { url } = await startBus();
    startRoom(url);
    const { host, sink } = startHost(url, [room]);
    await waitFor('the fan', () => sink.values('d', 'fanSpeed').length > 0);
    await expect(host.apply('default/d', 'fanSpeed', 9, 200)).rejects.toMatchObject({
      code: 'DEVICE_TIMEOUT',
    });
    expect(sink.values('d', 'fanSpeed')).toEqual([1]);
  });

  it('is offline when it says goodbye, and online when it is back', async () => {
    const { url } = await startBus();
    const first = startRoom(url);
    const { sink } = startHost(url, [room]);
    await waitFor('the room', () => sink.stateOf('d') === 'online');
    await first.close();
    await waitFor('the goodbye', () => sink.stateOf('d') === 'offline');
    startRoom(url);
    await waitFor('the return', () => sink.stateOf('d') === 'online');
  });

  it('is found again, with its topics, when the broker restarts', async () => {
    const { port, url, close } = await startBus();
    startRoom(url);
    const { sink } = startHost(url, [room]);
    await waitFor('the room', () => sink.stateOf('d') === 'online');
    await close();
    await waitFor('the loss', () => sink.stateOf('d') === 'disconnected');
    expect(sink.reasonOf('d')).toContain(url);
    await startBus(port);
    await waitFor('the return', () => sink.stateOf('d') === 'online');
    const before = sink.values('d', 'humidity').length;
    await waitFor('news', () => sink.values('d', 'humidity').length > before);
  });
});

describe('an mqtt device', () => {
  it('that vanishes is offline by its last will', async () => {
    const { url } = await startBus();
    const { sink } = startHost(url, [mqttDevice([tells('x', {})], { stateTopic: 's' })]);
    await listening(sink);
    const client = await connectAsync(url, {
      reconnectPeriod: 0,
      will: { topic: 's', payload: Buffer.from('offline'), qos: 1, retain: false },
    });
    await client.publishAsync('s', 'online', { qos: 1 });
    await waitFor('online', () => sink.stateOf('d') === 'online');
    client.stream.destroy();
    await waitFor('the will', () => sink.stateOf('d') === 'offline');
  });

  it('without a state topic is online from its first word, retained or not', async () => {
    const { url } = await startBus();
    const client = await startDevice(url);
    await client.publishAsync('t', '21.5', { qos: 1, retain: true });
    const { sink } = startHost(url, [mqttDevice([tells('x', {})])]);
    await waitFor('the value', () => sink.values('d', 'x').length === 1);
    expect(sink.states.map(({ state }) => state)).toEqual(['unknown', 'online']);
  });

  it('added later on a topic that another listens to gets the retained value too', async () => {
    const { url } = await startBus();
    const client = await startDevice(url);
    await client.publishAsync('t', '21.5', { qos: 1, retain: true });
    const one = mqttDevice([tells('x', {})]);
    const { host, sink } = startHost(url, [one]);
    await waitFor('the value', () => sink.values('d', 'x').length === 1);
    host.setDevices([one, { ...one, name: 'e', uid: 'e' }]);
    await waitFor('the value again', () => sink.values('e', 'x').length === 1);
  });

  it.each([
    ['plain text as the model types it', { payload: 'plain' }, '21.5', { value: 21.5, quality: 'GOOD' }],
    ['JSON', {}, '21.5', { value: 21.5, quality: 'GOOD' }],
    [
      'a path through objects and lists',
      { jsonPath: 'a.0.b' },
      '{"a":[{"b":4}]}',
      { value: 4, quality: 'GOOD' },
    ],
    [
      'plain text of another type',
      { payload: 'plain' },
      'warm',
      { value: null, quality: 'BAD', raw: 'warm' },
    ],
    ['JSON of another type', {}, '"warm"', { value: null, quality: 'BAD', raw: 'warm' }],
    ['no JSON', {}, 'warm', { value: null, quality: 'BAD', raw: expect.stringContaining('warm') }],
    ['an object', {}, '{"a":1}', { value: null, quality: 'BAD', raw: 'not a single value: {"a":1}' }],
    ['null', {}, 'null', { value: null, quality: 'BAD', raw: 'not a single value: null' }],
    ['nothing at all', { payload: 'plain' }, '', { value: null, quality: 'BAD', raw: '' }],
  ])('tells %s', async (_what, visitor, payload, expected) => {
    const { url } = await startBus();
    const client = await startDevice(url);
    const { sink } = startHost(url, [mqttDevice([tells('x', visitor)])]);
    await listening(sink);
    await waitFor('the reading', async () => {
      await client.publishAsync('t', payload, { qos: 1 });
      return sink.last('d', 'x');
    });
    expect(sink.last('d', 'x')).toMatchObject(expected);
  });

  it('that tells of some properties leaves the others alone', async () => {
    const { url } = await startBus();
    const client = await startDevice(url);
    const { sink } = startHost(url, [
      mqttDevice([tells('x', { jsonPath: 'x' }), tells('y', { jsonPath: 'y' })]),
    ]);
    await listening(sink);
    await waitFor('x', async () => {
      await client.publishAsync('t', '{"x":1,"__proto__":{"y":2}}', { qos: 1 });
      return sink.last('d', 'x');
    });
    expect(sink.last('d', 'y')).toBeUndefined();
  });

  it('that answers on a topic of its own says there what it took', async () => {
    const { url } = await startBus();
    const client = await startDevice(url);
    client.on('message', (_topic, payload) => {
      client.publish('done', String(Math.min(50, Number(payload.toString()))), { qos: 1 });
    });
    await client.subscribeAsync('set', { qos: 1 });
    const { host, sink } = startHost(url, [
      mqttDevice([tells('x', { payload: 'plain', setTopic: 'set', ackTopic: 'done' })]),
    ]);
    await listening(sink);
    expect(await host.apply('default/d', 'x', 80, 5_000)).toBe(50);
    expect(sink.values('d', 'x')).toEqual([50]);
  });

  it('speaks in bytes, with the formats of registers', async () => {
    const { url } = await startBus();
    const client = await startDevice(url);
    const binary = { topic: 'frame', payload: 'binary' };
    const { host, sink } = startHost(url, [
      mqttDevice([
        tells('battery', { ...binary, dataType: 'uint8' }, { type: 'INT' }),
        tells('temperature', { ...binary, dataType: 'int16', byteOffset: 1, scale: 0.01 }),
        tells('weight', { ...binary, dataType: 'float32', byteOffset: 3, littleEndian: true }),
        tells('name', { ...binary, byteOffset: 7 }, { type: 'STRING' }),
        tells('late', { ...binary, dataType: 'uint32', byteOffset: 20 }),
        tells('level', {
          ...binary,
          topic: 'level',
          dataType: 'uint16',
          setTopic: 'set',
          setPayload: '01{{value}}ff',
        }),
      ]),
    ]);
    await listening(sink);
    client.on(
      'message',
      (_topic, payload) => void client.publish('level', payload.subarray(1, 3), { qos: 1 }),
    );
    await client.subscribeAsync('set', { qos: 1 });
    await client.publishAsync('frame', Buffer.from('5bfb2e0000204161626364', 'hex'), { qos: 1 });
    await waitFor('the values', () => sink.last('d', 'name'));
    expect(sink.last('d', 'battery')?.value).toBe(91);
    expect(sink.last('d', 'temperature')?.value).toBe(-12.34);
    expect(sink.last('d', 'weight')?.value).toBe(10);
    expect(sink.last('d', 'name')?.value).toBe('abcd');
    expect(sink.last('d', 'late')).toMatchObject({ quality: 'BAD', raw: 'bytes 20..23 of a message of 11' });
    expect(await host.apply('default/d', 'level', 513, 5_000)).toBe(513);
    await expect(host.apply('default/d', 'level', 70_000, 5_000)).rejects.toMatchObject({
      code: 'DEVICE_REFUSED',
    });
  });

  it('is set by a retained message where that is wanted: a device that sleeps finds it', async () => {
    const { url } = await startBus();
    const { host, sink } = startHost(url, [
      mqttDevice([tells('x', { setTopic: 'set', retain: true, ackTopic: 'done' })]),
    ]);
    await listening(sink);
    const applied = host.apply('default/d', 'x', 5, 5_000);
    const client = await startDevice(url);
    client.on('message', (_topic, payload) => void client.publish('done', payload, { qos: 1 }));
    await waitFor('the command', async () => {
      await client.subscribeAsync('set', { qos: 1 });
      return true;
    });
    expect(await applied).toBe(5);
  });

  it('that cannot be set says so', async () => {
    const { url } = await startBus();
    const { host, sink } = startHost(url, [mqttDevice([tells('x', {})])]);
    await listening(sink);
    await expect(host.apply('default/d', 'x', 1, 1_000)).rejects.toMatchObject({
      code: 'DEVICE_REFUSED',
      message: 'default/d: x has no setTopic',
    });
  });

  it('is not sent a command later that could not be sent now', async () => {
    const { port, url, close } = await startBus();
    const { host, sink } = startHost(url, [mqttDevice([tells('x', { setTopic: 'set' })])]);
    await listening(sink);
    await close();
    await waitFor('the loss', () => sink.stateOf('d') === 'disconnected');
    await expect(host.apply('default/d', 'x', 1, 1_000)).rejects.toMatchObject({
      code: 'DEVICE_UNREACHABLE',
    });
    const again = await startBus(port);
    const client = await startDevice(again.url);
    const commands: string[] = [];
    client.on('message', (_topic, payload) => void commands.push(payload.toString()));
    await client.subscribeAsync('set', { qos: 1 });
    await waitFor('the return', () => sink.states.at(-1)?.state === 'unknown');
    await client.publishAsync('set', 'marker', { qos: 1 });
    await waitFor('the marker', () => commands.includes('marker'));
    expect(commands).toEqual(['marker']);
  });

  it('has methods: the answer is the one with the id of the call', async () => {
    const { url } = await startBus();
    const client = await startDevice(url);
    client.on('message', (_topic, payload) => {
      const { id, args } = JSON.parse(payload.toString());
      client.publish('done', '{"id":"other","result":1}');
      const answer = args.by > 5 ? { id, error: 'too far' } : { id, result: args.by * 2 };
      client.publish('done', JSON.stringify(answer));
    });
    await client.subscribeAsync('move', { qos: 1 });
    const methods = { move: { requestTopic: 'move', responseTopic: 'done' } };
    const { host, sink } = startHost(url, [mqttDevice([], { methods })]);
    await listening(sink);
    const move = (by: number) => host.invoke('default/d', { method: 'move', args: { by } }, 5_000);
    expect(await Promise.all([move(1), move(2)])).toEqual([2, 4]);
    await expect(move(6)).rejects.toMatchObject({
      code: 'DEVICE_REFUSED',
      message: 'default/d, method move: too far',
    });
  });

  it('that gives no id back has one call at a time, and its next word is the answer', async () => {
    const { url } = await startBus();
    const client = await startDevice(url);
    const requests: string[] = [];
    client.on('message', (_topic, payload) => void requests.push(payload.toString()));
    await client.subscribeAsync('move', { qos: 1 });
    const methods = {
      move: { requestTopic: 'move', responseTopic: 'done', requestPayload: 'GO {{args.by}}' },
    };
    const { host, sink } = startHost(url, [mqttDevice([], { methods })]);
    await listening(sink);
    const move = () => host.invoke('default/d', { method: 'move', args: { by: 3 } }, 5_000);
    const first = move();
    await waitFor('the request', () => requests[0] === 'GO 3');
    await expect(move()).rejects.toMatchObject({ code: 'DEVICE_BUSY' });
    await client.publishAsync('done', 'MOVED', { qos: 1 });
    expect(await first).toBe('MOVED');
  });

  it('that does not answer a call is given up, and not called while nobody can reach it', async () => {
    const { url, close } = await startBus();
    const methods = { move: { requestTopic: 'move', responseTopic: 'done' } };
    const { host, sink } = startHost(url, [mqttDevice([], { methods })]);
    await listening(sink);
    const move = () => host.invoke('default/d', { method: 'move', args: {} }, 100);
    await expect(move()).rejects.toMatchObject({ code: 'DEVICE_TIMEOUT' });
    await close();
    await waitFor('the loss', () => sink.stateOf('d') === 'disconnected');
    await expect(move()).rejects.toMatchObject({ code: 'DEVICE_UNREACHABLE' });
  });

  it.each([
    [{ payload: 'json' }, 'topic must be text; it is missing'],
    [{ topic: 'a/#' }, 'topic must be a topic without wildcards; got "a/#"'],
    [{ topic: 'a', payload: 'xml' }, 'payload must be one of json, plain, binary; got "xml"'],
    [{ topic: 'a', qos: 3 }, 'qos must be an integer from 0 to 2; got 3'],
    [
      { topic: 'a', payload: 'binary' },
      'dataType must be one of int8, uint8, int16, uint16, int32, uint32, int64, uint64, float32, float64, bit, string, bytes; it is missing',
    ],
    [
      { topic: 'a', payload: 'binary', dataType: 'int8', setTopic: 'b', setPayload: 'x{{value}}' },
      'setPayload must be hexadecimal around {{value}}; got "x{{value}}"',
    ],
    [
      { topic: 'a', setTopic: 'b', setPayload: '{}' },
      'setPayload must be text with {{value}} in it; got "{}"',
    ],
  ])('configured with %o is unhealthy', async (visitor, reason) => {
    const { url } = await startBus();
    const { sink } = startHost(url, [mqttDevice([property('x', { visitor })])]);
    await waitFor('the state', () => sink.stateOf('d') === 'unhealthy');
    expect(sink.reasonOf('d')).toBe(`default/d, property x: ${reason}`);
  });
});
