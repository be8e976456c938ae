import { connect as connectSocket } from 'node:net';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { afterEach, describe, expect, it } from 'vitest';
import { type BrokerOptions, startBroker } from '../../bus/broker.ts';
import { systemClock } from '../../lib/clock.ts';
import { Disposables } from '../../lib/disposables.ts';
import { silentLogger } from '../../lib/logger.ts';
import { waitFor } from '../harness/wait.ts';

const disposables = new Disposables();
afterEach(() => disposables.close());

const start = async (options: Partial<BrokerOptions> = {}) =>
  disposables.use(
    await startBroker({ host: '127.0.0.1', port: 0, clock: systemClock, logger: silentLogger, ...options }),
  );

async function client(url: string, options: IClientOptions = {}): Promise<MqttClient> {
  const connected = await connectAsync(url, { reconnectPeriod: 0, ...options }, false);
  disposables.add(() => connected.endAsync(true));
  connected.on('error', () => {});
  return connected;
}

function messagesOf(subscriber: MqttClient): string[] {
  const messages: string[] = [];
  subscriber.on('message', (_topic, payload) => void messages.push(payload.toString().slice(0, 20)));
  return messages;
}

describe('the embedded broker', () => {
  it('carries messages, and retained ones to who comes later', async () => {
    const { url } = await start();
    const one = await client(url);
    await one.publishAsync('a/b', 'kept', { qos: 1, retain: true });
    const two = await client(url);
    const messages = messagesOf(two);
    await two.subscribeAsync('a/#', { qos: 1 });
    await one.publishAsync('a/c', 'told', { qos: 1 });
    await waitFor('both messages', () => messages.length === 2);
    expect(messages.sort()).toEqual(['kept', 'told']);
  });

  it('tells what is retained of every filter of a packet, with and without wildcards, and nothing that was taken back', async () => {
    const { url } = await start();
    const one = await client(url);
    for (const topic of ['a', 'b', 'c/1', 'c/2', 'gone'])
      await one.publishAsync(topic, topic, { qos: 1, retain: true });
    await one.publishAsync('gone', '', { qos: 1, retain: true });
    const two = await client(url);
    const messages = messagesOf(two);
    await two.subscribeAsync(['a', 'gone', 'never', 'c/+'], { qos: 1 });
    await one.publishAsync('a', 'marker', { qos: 1 });
    // What is retained comes on its own way: the marker may pass it.
    await waitFor('all of it', () => messages.length >= 4);
    expect(messages.sort()).toEqual(['a', 'c/1', 'c/2', 'marker']);
  });

  it('names a taken port', async () => {
    const { port } = await start();
    await expect(start({ port })).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message: `port ${port} on 127.0.0.1, for the MQTT broker, is taken by another process`,
    });
  });

  it('lets in only who authenticates, where it was told to ask', async () => {
    const { url } = await start({
      authenticate: (username, password) => username === 'edge' && password === 'secret',
    });
    await expect(client(url)).rejects.toThrow(/Not authorized/);
    await expect(client(url, { username: 'edge', password: 'wrong' })).rejects.toThrow(/Not authorized/);
    expect((await client(url, { username: 'edge', password: 'secret' })).connected).toBe(true);
  });

  it('lets nobody in where asking fails', async () => {
    const { url } = await start({ authenticate: () => Promise.reject(new Error('no password file')) });
    await expect(client(url)).rejects.toThrow(/Not authorized/);
  });

  it('disconnects a client whose packet is too long, and goes on serving the others', async () => {
    const { url } = await start({ limits: { maxPacketBytes: 1_000 } });
    const good = await client(url);
    const messages = messagesOf(good);
    await good.subscribeAsync('#');
    const flooding = await client(url);
    flooding.publish('big', Buffer.alloc(2_000));
    await waitFor('the disconnect', () => !flooding.connected);
    await good.publishAsync('fits', Buffer.alloc(900, 'x'), { qos: 1 });
    await waitFor('the message', () => messages.length === 1);
    expect(messages).toEqual(['x'.repeat(20)]);
  });

  it('takes no more connections than its limit', async () => {
    const { url } = await start({ limits: { maxConnections: 2 } });
    await client(url);
    await client(url);
    await expect(client(url)).rejects.toThrow();
  });

  it('retains no more bytes than its limit', async () => {
    const broker = await start({ limits: { maxRetainedBytes: 100 } });
    const one = await client(broker.url);
    await one.publishAsync('a', Buffer.alloc(90), { qos: 1, retain: true });
    await one.publishAsync('a', Buffer.alloc(95), { qos: 1, retain: true });
    one.publish('b', Buffer.alloc(10), { qos: 1, retain: true });
    await waitFor('the disconnect', () => !one.connected);
    expect(broker.facts()).toMatchObject({ retainedTopics: 1, refusals: 1 });
  });

  it('disconnects who publishes on a topic that is too long', async () => {
    const { url } = await start({ limits: { maxTopicBytes: 10 } });
    const one = await client(url);
    await one.publishAsync('ten/bytes!', '1', { qos: 1 });
    one.publish('ten/bytes/ü', '1', { qos: 1 });
    await waitFor('the disconnect', () => !one.connected);
  });

  it('gives a client no more subscriptions than its limit, in one packet or in many', async () => {
    const broker = await start({ limits: { maxSubscriptions: 3, maxTopicBytes: 20 } });
    const one = await client(broker.url);
    const failed = async (topics: string[]) => {
      const granted = await one.subscribeAsync(topics).catch(() => 'failed');
      return granted === 'failed';
    };
    expect(await failed(['a', 'b'])).toBe(false);
    expect(await failed(['b'])).toBe(false);
    expect(await failed(['c', 'd'])).toBe(true);
    await one.unsubscribeAsync('a');
    expect(await failed(['d'])).toBe(false);
    expect(await failed(['e'])).toBe(true);
    await one.unsubscribeAsync('d');
    expect(await failed(['x'.repeat(21)])).toBe(true);
    expect(broker.facts().refusals).toBe(3);
    const other = await client(broker.url);
    await other.subscribeAsync(['a', 'b', 'c']);
  });

  it('retains on no more topics than its limit', async () => {
    const { url } = await start({ limits: { maxRetainedTopics: 1 } });
    const one = await client(url);
    await one.publishAsync('a', '1', { qos: 1, retain: true });
    await one.publishAsync('a', '2', { qos: 1, retain: true });
    await one.publishAsync('a', '', { qos: 1, retain: true });
    await one.publishAsync('b', '1', { qos: 1, retain: true });
    one.publish('c', '1', { qos: 1, retain: true });
    await waitFor('the disconnect', () => !one.connected);
  });

  it('lets nobody speak as the broker', async () => {
    const { url } = await start();
    const one = await client(url);
    one.publish('$SYS/x', '1', { qos: 1 });
    await waitFor('the disconnect', () => !one.connected);
  });

  it('survives what is no MQTT', async () => {
    const { url, port } = await start();
    const socket = connectSocket(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await waitFor('the disconnect', () => socket.closed);
    expect((await client(url)).connected).toBe(true);
  });

  it('closes twice, and frees its port', async () => {
    const broker = await startBroker({
      host: '127.0.0.1',
      port: 0,
      clock: systemClock,
      logger: silentLogger,
    });
    await client(broker.url);
    await broker.close();
    await broker.close();
    await start({ port: broker.port });
  });
});
