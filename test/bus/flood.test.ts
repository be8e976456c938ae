import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { connect as connectSocket } from 'node:net';
import { connectAsync, type IClientOptions } from 'mqtt';
import mqttPacket from 'mqtt-packet';
import pino from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { type Broker, type BrokerOptions, startBroker } from '../../bus/broker.ts';
import { FlowMeter } from '../../bus/flow-meter.ts';
import { Disposables } from '../../lib/disposables.ts';
import { ManualClock } from '../harness/manual-clock.ts';
import { waitFor } from '../harness/wait.ts';

const disposables = new Disposables();
afterEach(() => disposables.close());

const limits = { messagesPerSecond: 500, bytesPerSecond: 100_000 };
const clock = new ManualClock();
const lines: Array<Record<string, unknown>> = [];

async function start(options: Partial<BrokerOptions> = {}): Promise<Broker> {
  lines.length = 0;
  const logger = pino({ level: 'warn' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  return disposables.use(
    await startBroker({ host: '127.0.0.1', port: 0, clock, logger, limits, ...options }),
  );
}

async function client(url: string, options: IClientOptions = {}) {
  const connected = await connectAsync(url, { reconnectPeriod: 0, ...options }, false);
  disposables.add(() => connected.endAsync(true));
  connected.on('error', () => {});
  return connected;
}

/** Counts what arrives, by topic. */
async function listener(url: string) {
  const counts: Record<string, number> = {};
  const subscriber = await client(url);
  subscriber.on('message', (topic) => {
    counts[topic] = (counts[topic] ?? 0) + 1;
  });
  await subscriber.subscribeAsync('#', { qos: 1 });
  return counts;
}

/** A client that writes as fast as its socket takes it, without a care for what comes back. */
function flood(port: number, clientId: string, messages: number, payload: Buffer): void {
  const socket = connectSocket(port, '127.0.0.1');
  disposables.add(() => void socket.destroy());
  socket.on('error', () => {});
  const one = mqttPacket.generate({
    cmd: 'publish',
    topic: 'flood',
    payload,
    qos: 0,
    dup: false,
    retain: false,
  });
  socket.once('data', () => socket.write(Buffer.concat(Array.from({ length: messages }, () => one))));
  socket.write(
    mqttPacket.generate({
      cmd: 'connect',
      clientId,
      protocolId: 'MQTT',
      protocolVersion: 4,
      clean: true,
      keepalive: 0,
    }),
  );
}

const BURST = 2;
/** What one read may bring beyond the burst: 4 KiB of packets of 10 bytes. */
const SLICE = 410;

describe('a client that floods', () => {
  it('is left unread beyond its messages per second, while the messages of others arrive', async () => {
    const broker = await start();
    const counts = await listener(broker.url);
    const quiet = await client(broker.url);
    flood(broker.port, 'flooder', 20_000, Buffer.from('x'));
    await waitFor('the brake', () => broker.facts().throttledMs > 0);
    for (let n = 0; n < 50; n++) await quiet.publishAsync('quiet', `${n}`, { qos: 1 });
    await waitFor('the others', () => counts.quiet === 50);
    const burst = limits.messagesPerSecond * BURST;
    expect(counts.flood).toBeGreaterThanOrEqual(burst - 1);
    expect(counts.flood).toBeLessThanOrEqual(burst + SLICE);
    await clock.advance(2_000);
    await waitFor('two seconds more', () => (counts.flood ?? 0) >= burst + limits.messagesPerSecond);
    await quiet.publishAsync('quiet', 'marker', { qos: 1 });
    await waitFor('the marker', () => counts.quiet === 51);
    expect(counts.flood).toBeLessThanOrEqual(burst + 2 * limits.messagesPerSecond + SLICE);
    expect(lines.filter(({ msg }) => msg === 'mqtt client sends too much: it is slowed down')).toEqual([
      expect.objectContaining({ client: 'flooder', remote: '127.0.0.1', ...limits }),
    ]);
  });

  it('is left unread beyond its bytes per second', async () => {
    const broker = await start();
    const counts = await listener(broker.url);
    flood(broker.port, 'flooder', 100, Buffer.alloc(10_000));
    await waitFor('the brake', () => broker.facts().throttledMs > 0);
    const quiet = await client(broker.url);
    await quiet.publishAsync('quiet', '1', { qos: 1 });
    await waitFor('the other', () => counts.quiet === 1);
    expect(counts.flood).toBeLessThanOrEqual(21);
  });

  it('loses nothing: what it sent arrives as time allows', async () => {
    const broker = await start();
    const counts = await listener(broker.url);
    flood(broker.port, 'flooder', 3_000, Buffer.from('x'));
    await waitFor('all of it', async () => {
      await clock.advance(100);
      return counts.flood === 3_000;
    });
  });

  it('is not one of the node, which may send as much as it likes', async () => {
    const owner = { username: 'node', password: 'secret' };
    const broker = await start({ owner });
    const counts = await listener(broker.url);
    const own = await client(broker.url, owner);
    for (let n = 0; n < 3_000; n++) own.publish('own', `${n}`);
    await waitFor('all of it', () => counts.own === 3_000);
    expect(broker.facts().throttledMs).toBe(0);
  });

  it('may go in the middle of it', async () => {
    const broker = await start();
    flood(broker.port, 'flooder', 20_000, Buffer.from('x'));
    await waitFor('the brake', () => broker.facts().throttledMs > 0);
    await disposables.close();
    await clock.advance(10_000);
  });

  const hasClients = spawnSync('mosquitto_pub', ['--help']).error === undefined;
  it.runIf(hasClients)('is mosquitto_pub, line after line, and others go on', async () => {
    const broker = await start();
    const counts = await listener(broker.url);
    const publisher: ChildProcess = spawn('mosquitto_pub', [
      ...['-h', '127.0.0.1', '-p', String(broker.port), '-i', 'pub', '-t', 'flood', '-q', '1', '-l'],
    ]);
    disposables.add(() => void publisher.kill('SIGKILL'));
    publisher.stdin?.on('error', () => {});
    publisher.stdin?.write('x\n'.repeat(20_000));
    await waitFor('the brake', () => broker.facts().throttledMs > 0);
    const quiet = await client(broker.url);
    for (let n = 0; n < 20; n++) await quiet.publishAsync('quiet', `${n}`, { qos: 1 });
    await waitFor('the others', () => counts.quiet === 20);
    expect(counts.flood).toBeLessThanOrEqual(limits.messagesPerSecond * BURST + SLICE);
    expect(lines).toContainEqual(expect.objectContaining({ client: 'pub' }));
  });
});

describe('the flow meter', () => {
  const rates = { messagesPerSecond: 10, bytesPerSecond: 1_000 };

  it('lets two seconds of the rate through at once, and tells how long to wait after', () => {
    const meter = new FlowMeter(rates, 0);
    expect(meter.take(20, 100, 0)).toBe(0);
    expect(meter.take(1, 10, 0)).toBe(100);
    expect(meter.take(0, 0, 100)).toBe(0);
    expect(meter.take(5, 0, 100)).toBe(500);
  });

  it('counts messages and bytes, and the longer wait', () => {
    expect(new FlowMeter(rates, 0).take(1, 5_000, 0)).toBe(3_000);
    expect(new FlowMeter(rates, 0).take(60, 5_000, 0)).toBe(4_000);
  });

  it('saves no more than the burst', () => {
    const meter = new FlowMeter(rates, 0);
    expect(meter.take(21, 0, 1_000_000)).toBe(100);
  });

  it('has no rate where it is 0', () => {
    const meter = new FlowMeter({ messagesPerSecond: 0, bytesPerSecond: 0 }, 0);
    expect(meter.take(1e9, 1e9, 0)).toBe(0);
  });
});
