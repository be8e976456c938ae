import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterEach, describe, expect, it } from 'vitest';
import { startBroker } from '../../bus/broker.ts';
import { startEventBus } from '../../bus/event-bus.ts';
import { KUBEEDGE_MESSAGES } from '../../bus/kubeedge/topics.ts';
import type { BusMessage } from '../../bus/mqtt-client.ts';
import { BusAdapter } from '../../edge-node/bus-adapter.ts';
import { createBusMapper } from '../../edge-node/bus-mapper.ts';
import { createEdgeCommands } from '../../edge-node/commands.ts';
import { DesiredApplier } from '../../edge-node/desired-applier.ts';
import { startDeviceLink } from '../../edge-node/device-link.ts';
import { MetadataCache } from '../../edge-node/metadata-cache.ts';
import { ObjectIntake } from '../../edge-node/object-intake.ts';
import { TwinRegistry } from '../../edge-node/twin-registry.ts';
import { systemClock } from '../../lib/clock.ts';
import { Disposables } from '../../lib/disposables.ts';
import { createId } from '../../lib/ids.ts';
import { silentLogger } from '../../lib/logger.ts';
import type { MqttBroker } from '../../lib/mqtt-broker.ts';
import { openSqliteStore } from '../../store/sqlite-store.ts';
import type { DeviceObject } from '../../twin/device-object.ts';
import type { ObjectRef } from '../../twin/node-object.ts';
import { deviceObject, modelObject } from '../harness/objects.ts';
import { waitFor } from '../harness/wait.ts';
import { MOSQUITTO, startMosquitto } from './mosquitto.ts';

const disposables = new Disposables();
afterEach(() => disposables.close());

/** A device whose own program speaks on the bus: no mapper has this protocol. */
function vendorDevice(name: string, desired: Record<string, string> = {}): DeviceObject {
  const device = deviceObject(name, { desired });
  return { ...device, spec: { ...device.spec, protocol: { protocolName: 'vendor' } } };
}

/** The bus with the parts of an edge node that it works with. */
function startNode(
  broker: MqttBroker,
  devices: DeviceObject[] = [vendorDevice('pump')],
  filters: readonly string[] = KUBEEDGE_MESSAGES,
) {
  const folder = mkdtempSync(join(tmpdir(), 'octograph-bus-'));
  disposables.add(() => rmSync(folder, { recursive: true, force: true }));
  const clock = systemClock;
  const shared = { clock, random: Math.random, logger: silentLogger };
  const store = disposables.use(openSqliteStore({ path: join(folder, 'edge.db'), ...shared }));
  const registry = new TwinRegistry(store, clock);
  const metadata = new MetadataCache([modelObject(), ...devices]);
  const applier = new DesiredApplier({
    registry,
    writer: { apply: (...args) => host.apply(...args) },
    cloudNow: () => clock.now(),
    deadlineMs: 300,
    ...shared,
  });
  disposables.add(() => applier.close());
  const mapper = createBusMapper({ registry, tell: (...args) => adapter.tellAgain(...args) });
  const host = disposables.use(
    startDeviceLink({
      registry,
      mappers: [],
      fallback: mapper,
      onState() {},
      onOnline: (device) => applier.retryDevice(device),
      ...shared,
    }),
  );
  const adapter = new BusAdapter({
    registry,
    metadata,
    store,
    commands: createEdgeCommands(registry, store, () => {}),
    mapped: new Set(),
    onState: (device, state) => mapper.setState(device, state),
    createId,
    clock,
  });
  disposables.add(() => adapter.close());
  const intake = new ObjectIntake({
    store,
    registry,
    metadata,
    host,
    tell: (devices, gone) => adapter.refreshMembers(devices, gone),
  });
  intake.begin();
  const take = (device: DeviceObject, gone: ObjectRef[] = []) => intake.take(false, [device], gone);
  const messages: BusMessage[] = [];
  let events = 0;
  const bus = disposables.use(
    startEventBus({
      nodeName: 'edge-a',
      broker,
      twins: adapter,
      messages: filters,
      onMessage: (message) => void messages.push(message),
      createEventId: () => `event-${++events}`,
      clock,
      logger: silentLogger,
    }),
  );
  return { registry, take, bus, messages };
}

/** A program at the edge: it hears all that the bus says, in order. */
class App {
  readonly heard: Array<{ topic: string; body: Record<string, unknown> }> = [];
  readonly client: MqttClient;

  private constructor(client: MqttClient) {
    this.client = client;
    client.on('message', (topic, payload) => {
      this.heard.push({ topic, body: JSON.parse(payload.toString()) });
    });
  }

  static async start(url: string): Promise<App> {
    const app = new App(await connectAsync(url, { reconnectPeriod: 0 }));
    disposables.add(() => app.client.endAsync(true));
    const replies = ['result', '+/result', 'update/delta', 'update/document'];
    for (const prefix of ['$hw/events/device/+', '$hw/events/device/+/+'])
      for (const reply of ['twin/get/result', 'twin/update/+', 'state/update/result'])
        await app.client.subscribeAsync(`${prefix}/${reply}`, { qos: 1 });
    for (const reply of replies)
      await app.client.subscribeAsync(`$hw/events/node/edge-a/membership/${reply}`);
    await app.client.subscribeAsync('$hw/events/node/edge-a/membership/updated');
    return app;
  }

  /** Until the bus listens: what is asked before is asked of nobody. */
  async ready(): Promise<void> {
    await waitFor('the bus', async () => {
      await this.say('$hw/events/node/edge-a/membership/get', { event_id: 'probe' });
      return this.heard.some(({ body }) => body.event_id === 'probe');
    });
    this.heard.length = 0;
  }

  async say(topic: string, body: unknown): Promise<void> {
    await this.client.publishAsync(topic, typeof body === 'string' ? body : JSON.stringify(body), { qos: 1 });
  }

  /** What was said of the pump's twin, in order. */
  get aboutTwin(): string[] {
    return this.heard.flatMap(({ topic }) => (topic.startsWith(TWIN) ? topic.slice(TWIN.length) : []));
  }

  /** The first message on a topic. */
  reply(topic: string, eventId?: string) {
    return waitFor(topic, () =>
      this.heard.find(
        (one) => one.topic === topic && (eventId === undefined || one.body.event_id === eventId),
      ),
    ).then(({ body }) => body);
  }
}

const embedded = async () => {
  const { url } = disposables.use(
    await startBroker({ host: '127.0.0.1', port: 0, clock: systemClock, logger: silentLogger }),
  );
  return { url };
};
const external = async (protocolVersion: 4 | 5) => {
  const { url } = disposables.use(await startMosquitto());
  return { url, protocolVersion };
};

const TWIN = '$hw/events/device/default/pump/twin';

const brokers: Array<[name: string, isThere: boolean, start: () => Promise<MqttBroker>]> = [
  ['the embedded broker', true, embedded],
  ['mosquitto, MQTT 3.1.1', MOSQUITTO !== undefined, () => external(4)],
  ['mosquitto, MQTT 5', MOSQUITTO !== undefined, () => external(5)],
];

describe.each(brokers)('a KubeEdge program on %s', (_name, isThere, start) => {
  it.skipIf(!isThere)('reports, and hears result and document in this order, with its event id', async () => {
    const broker = await start();
    const { registry } = startNode(broker);
    const app = await App.start(broker.url);
    await app.ready();
    await app.say(`${TWIN}/update`, {
      event_id: 'e1',
      timestamp: 1,
      twin: { temperature: { actual: { value: '21.5' }, metadata: { type: 'double' } } },
    });
    const document = await app.reply(`${TWIN}/update/document`);
    expect(app.aboutTwin).toEqual(['/update/result', '/update/document']);
    expect(await app.reply(`${TWIN}/update/result`)).toMatchObject({
      event_id: 'e1',
      twin: { temperature: { actual: { value: '21.5' }, optional: true, metadata: { type: 'double' } } },
    });
    expect(document).toMatchObject({
      event_id: 'e1',
      twin: { temperature: { last: { optional: true }, current: { actual: { value: '21.5' } } } },
    });
    expect(registry.get('default/pump', 'temperature')?.reported).toMatchObject({
      value: 21.5,
      quality: 'GOOD',
    });
  });

  it.skipIf(!isThere)('is told what is wanted, obeys, and is in sync', async () => {
    const broker = await start();
    const { registry, take } = startNode(broker);
    const app = await App.start(broker.url);
    await app.ready();
    take(vendorDevice('pump', { setpoint: '25' }));
    const delta = await app.reply(`${TWIN}/update/delta`);
    expect(delta).toMatchObject({
      delta: { setpoint: '25' },
      twin: { setpoint: { expected: { value: '25' } } },
    });
    expect(registry.get('default/pump', 'setpoint')?.sync.state).toBe('DELIVERED');
    await app.say(`${TWIN}/update`, { event_id: 'e2', twin: { setpoint: { actual: { value: '25' } } } });
    await waitFor('in sync', () => registry.get('default/pump', 'setpoint')?.sync.state === 'IN_SYNC');
  });
});

describe('a KubeEdge program', () => {
  it('asks for its twins', async () => {
    const broker = await embedded();
    startNode(broker, [vendorDevice('pump', { setpoint: '25' })]);
    const app = await App.start(broker.url);
    await app.ready();
    await app.say(`${TWIN}/get`, { event_id: 'g1' });
    const { twin } = await app.reply(`${TWIN}/get/result`, 'g1');
    expect(twin).toMatchObject({
      mode: { optional: true, metadata: { type: 'string' } },
      setpoint: { expected: { value: '25' }, metadata: { type: 'double' } },
      temperature: { metadata: { type: 'double' } },
    });
  });

  it('that names its device without a namespace is answered so, and told so', async () => {
    const broker = await embedded();
    const { take } = startNode(broker);
    const app = await App.start(broker.url);
    await app.ready();
    await app.say('$hw/events/device/pump/twin/get', { event_id: 'g1' });
    await app.reply('$hw/events/device/pump/twin/get/result', 'g1');
    take(vendorDevice('pump', { setpoint: '25' }));
    await app.reply('$hw/events/device/pump/twin/update/delta');
  });

  it.each([
    ['what is no JSON', '{', 400, /^Unmarshal update request body failed/],
    [
      'what no model has',
      { event_id: 'x', twin: { color: { actual: { value: 'red' } } } },
      400,
      /no property color/,
    ],
    [
      'text for a number',
      { event_id: 'x', twin: { temperature: { actual: { value: 'warm' } } } },
      400,
      /expected a finite/,
    ],
    [
      'a wish beyond the range',
      { event_id: 'x', twin: { setpoint: { expected: { value: '99' } } } },
      400,
      /above the maximum/,
    ],
    [
      'a wish for what is read only',
      { event_id: 'x', twin: { temperature: { expected: { value: '1' } } } },
      400,
      /READ_ONLY/,
    ],
  ])('is told that we do not take %s', async (_what, body, code, reason) => {
    const broker = await embedded();
    const { registry } = startNode(broker);
    const app = await App.start(broker.url);
    await app.ready();
    await app.say(`${TWIN}/update`, body);
    const result = await app.reply(`${TWIN}/update/result`);
    expect(result).toMatchObject({ code, reason: expect.stringMatching(reason) });
    expect(
      [...registry.all()].filter(({ reported, observedDesired }) => reported || observedDesired),
    ).toEqual([]);
  });

  it('of a device that this node does not have gets 404', async () => {
    const broker = await embedded();
    startNode(broker);
    const app = await App.start(broker.url);
    await app.ready();
    await app.say('$hw/events/device/default/nobody/twin/get', { event_id: 'g' });
    await app.say('$hw/events/device/default/nobody/twin/update', { event_id: 'u', twin: {} });
    expect(await app.reply('$hw/events/device/default/nobody/twin/get/result')).toMatchObject({ code: 404 });
    expect(await app.reply('$hw/events/device/default/nobody/twin/update/result')).toMatchObject({
      code: 404,
      reason: 'Update rejected due to the device is not existed',
    });
  });

  it('wishes: that is a proposal here, which the device hears as a delta', async () => {
    const broker = await embedded();
    const { registry } = startNode(broker);
    const app = await App.start(broker.url);
    await app.ready();
    await app.say(`${TWIN}/update`, { event_id: 'w', twin: { setpoint: { expected: { value: '22' } } } });
    await app.reply(`${TWIN}/update/delta`);
    expect(app.aboutTwin).toEqual(['/update/result', '/update/document', '/update/delta']);
    expect([...registry.proposals()]).toMatchObject([
      { property: 'setpoint', desired: { value: 22, setBy: 'mqtt' }, base: null },
    ]);
  });

  it('that was away when something was wanted is told again', async () => {
    const broker = await embedded();
    const { take } = startNode(broker);
    take(vendorDevice('pump', { setpoint: '25' }));
    const app = await App.start(broker.url);
    await app.reply(`${TWIN}/update/delta`);
  });

  it('says how its device is', async () => {
    const broker = await embedded();
    const { registry } = startNode(broker);
    const app = await App.start(broker.url);
    await app.ready();
    await app.say('$hw/events/device/default/pump/state/update', { event_id: 's', state: 'online' });
    expect(await app.reply('$hw/events/device/default/pump/state/update/result')).toMatchObject({
      device: { name: 'pump', state: 'online' },
    });
    expect(registry.state('default/pump')).toMatchObject({ state: 'online', byEvent: true });
  });

  it('asks who is there, and hears who comes and goes', async () => {
    const broker = await embedded();
    const { take } = startNode(broker);
    const app = await App.start(broker.url);
    await app.ready();
    await app.say('$hw/events/node/edge-a/membership/get', { event_id: 'm' });
    const { devices } = await app.reply('$hw/events/node/edge-a/membership/get/result', 'm');
    expect(devices).toMatchObject([{ id: 'default/pump', name: 'pump' }]);
    take(vendorDevice('fan'), [{ kind: 'Device', namespace: 'default', name: 'pump' }]);
    expect(await app.reply('$hw/events/node/edge-a/membership/updated')).toMatchObject({
      added_devices: [{ id: 'default/fan' }],
      removed_devices: [{ id: 'default/pump', name: 'pump' }],
    });
  });

  it('sends data and messages of its own to whom it concerns, and gets some', async () => {
    const broker = await embedded();
    const { bus, messages } = startNode(broker);
    const app = await App.start(broker.url);
    await app.ready();
    const topics = ['shop/user/orders/1', 'SYS/dis/upload_records', '$ke/events/device/pump/data/update'];
    for (const topic of topics) await app.say(topic, '{"x":1}');
    await waitFor('the messages', () => messages.length === 3);
    expect(messages.map(({ topic }) => topic)).toEqual(topics);
    await app.client.subscribeAsync('from/cloud', { qos: 1 });
    await bus.publish({ topic: 'from/cloud', payload: Buffer.from('{"y":2}') });
    expect(await app.reply('from/cloud')).toEqual({ y: 2 });
  });

  it('takes messages on the topics of its setting, each once, and none of those that speak of twins', async () => {
    const broker = await embedded();
    const { messages } = startNode(broker, undefined, ['plant/#', 'plant/+/x', '+/1/#', '$hw/#']);
    const app = await App.start(broker.url);
    await app.ready();
    await app.say('plant/1/x', '1');
    await app.say('shop/user/orders', '2');
    await app.say('$hw/events/device/default/pump/twin/get', { event_id: 'g' });
    await app.reply('$hw/events/device/default/pump/twin/get/result', 'g');
    await app.say('$hw/events/node/edge-a/membership/get', { event_id: 'm' });
    await app.reply('$hw/events/node/edge-a/membership/get/result', 'm');
    await app.say('$hw/events/upload/x', '3');
    await app.say('plant', '4');
    await waitFor('the last message', () => messages.some(({ topic }) => topic === 'plant'));
    expect(messages.map(({ topic }) => topic)).toEqual(['plant/1/x', '$hw/events/upload/x', 'plant']);
    // Its own answers come back to it on such a filter: they are no questions.
    expect(app.heard.filter(({ body }) => body.event_id === 'm')).toHaveLength(1);
  });
});
