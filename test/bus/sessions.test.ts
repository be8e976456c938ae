import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { connect, connectAsync, type IClientOptions, type IPublishPacket, type MqttClient } from 'mqtt';
import pino from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { type Broker, type BrokerOptions, startBroker } from '../../bus/broker.ts';
import { systemClock } from '../../lib/clock.ts';
import { Disposables } from '../../lib/disposables.ts';
import { ManualClock } from '../harness/manual-clock.ts';
import { waitFor } from '../harness/wait.ts';

const disposables = new Disposables();
afterEach(() => disposables.close());

const lines: Array<Record<string, unknown>> = [];
const logged = (msg: string) => lines.filter((line) => line.msg === msg);

async function start(options: Partial<BrokerOptions> = {}): Promise<Broker> {
  lines.length = 0;
  const logger = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  return disposables.use(
    await startBroker({ host: '127.0.0.1', port: 0, clock: systemClock, logger, ...options }),
  );
}

function sessionsPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'octograph-sessions-'));
  disposables.add(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'broker.db');
}

async function client(url: string, options: IClientOptions = {}): Promise<MqttClient> {
  const connected = await connectAsync(url, { reconnectPeriod: 0, ...options }, false);
  disposables.add(() => connected.endAsync(true));
  connected.on('error', () => {});
  return connected;
}

/** A client that comes back to its session; what it hears from the first packet on. */
function comeBack(url: string, clientId: string) {
  const back = connect(url, { clientId, clean: false, reconnectPeriod: 0, resubscribe: false });
  disposables.add(() => back.endAsync(true));
  back.on('error', () => {});
  const heard: string[] = [];
  const packets: IPublishPacket[] = [];
  let wasThere = false;
  back.on('connect', () => {
    wasThere = true;
  });
  back.on('message', (_topic, payload, packet) => {
    heard.push(payload.toString().slice(0, 20));
    packets.push(packet);
  });
  return { back, heard, packets, isThere: () => wasThere };
}

/** Leaves a session behind, with these filters. */
async function leave(url: string, clientId: string, filters: string[] = ['a']): Promise<void> {
  const one = await client(url, { clientId, clean: false });
  await one.subscribeAsync(filters, { qos: 1 });
  await one.endAsync();
}

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => `${from + n}`);

describe('a persistent session', () => {
  it('hears once what several of its filters match, whatever their QoS, and stays connected', async () => {
    const { url } = await start();
    const { back, heard } = comeBack(url, 'wide');
    await back.subscribeAsync(['a/#', 'a/+'], { qos: 1 });
    await back.subscribeAsync('a/b', { qos: 0 });
    const publisher = await client(url);
    await Promise.all(numbers(1, 200).map((text) => publisher.publishAsync('a/b', text, { qos: 1 })));
    await publisher.publishAsync('a/c', 'marker', { qos: 1 });
    await waitFor('all', () => heard.includes('marker'));
    expect(heard).toEqual([...numbers(1, 200), 'marker']);
    expect(lines).toEqual([]);
  });

  it('hears in order, and once, what waited for it and what is said while it comes back', async () => {
    const { url } = await start();
    await leave(url, 'away');
    const publisher = await client(url);
    for (const text of numbers(1, 500)) await publisher.publishAsync('a', text, { qos: 1 });
    const { heard } = comeBack(url, 'away');
    for (const text of numbers(501, 900)) await publisher.publishAsync('a', text, { qos: 1 });
    await waitFor('all', () => heard.includes('900'));
    expect(heard).toEqual(numbers(1, 900));
  });

  it('goes on with the client that takes over its name', async () => {
    const broker = await start();
    await leave(broker.url, 'moving');
    const publisher = await client(broker.url);
    const clients: Array<ReturnType<typeof comeBack>> = [];
    for (const text of numbers(1, 20)) {
      const next = comeBack(broker.url, 'moving');
      clients.push(next);
      await publisher.publishAsync('a', text, { qos: 1 });
      await waitFor('the connection', () => next.isThere(), { everyMs: 1 });
    }
    await publisher.publishAsync('a', 'last', { qos: 1 });
    await waitFor('the last one', () => clients.at(-1)?.heard.includes('last'));
    expect(new Set(clients.flatMap(({ heard }) => heard))).toEqual(new Set([...numbers(1, 20), 'last']));
    expect(broker.facts()).toMatchObject({ clients: 2, sessions: 1 });
  });

  it('hears again, as a duplicate, what it did not acknowledge', async () => {
    const { url } = await start();
    const { back, heard } = comeBack(url, 'late');
    await back.subscribeAsync('a', { qos: 1 });
    back.handleMessage = () => {};
    const publisher = await client(url);
    await publisher.publishAsync('a', '1', { qos: 1 });
    await waitFor('the message', () => heard.length === 1);
    await back.endAsync(true);
    const again = comeBack(url, 'late');
    await waitFor('the message again', () => again.heard.length === 1);
    expect(again.packets[0]).toMatchObject({ dup: true, qos: 1 });
  });

  it('has no more messages in flight than its limit, and holds up who publishes when its queue is full', async () => {
    const broker = await start({ limits: { maxInFlight: 5, maxOfflineMessages: 10 } });
    const { back, heard } = comeBack(broker.url, 'slow');
    await back.subscribeAsync('a', { qos: 1 });
    const held: Array<() => void> = [];
    back.handleMessage = (_packet, done) => void held.push(done);
    const publisher = await client(broker.url);
    // A read of the broker brings four of them.
    for (const text of numbers(1, 100)) publisher.publish('a', text.padEnd(1_000), { qos: 1 });
    await waitFor('a full queue', () => broker.facts().queuedMessages >= 10);
    expect(heard).toHaveLength(1);
    expect(broker.facts().queuedMessages).toBeLessThan(20);
    back.handleMessage = (_packet, done) => done();
    for (const done of held) done();
    await waitFor('the rest', () => heard.length === 100);
    expect(heard.map((text) => text.trim())).toEqual(numbers(1, 100));
    expect(broker.facts().droppedMessages).toBe(0);
  });

  it('whose client acknowledges nothing is disconnected, and others go on', async () => {
    const clock = new ManualClock();
    const broker = await start({ clock, limits: { maxOfflineMessages: 5, drainTimeoutMs: 3_000 } });
    const { back } = comeBack(broker.url, 'deaf');
    await back.subscribeAsync('a', { qos: 1 });
    back.handleMessage = () => {};
    const publisher = await client(broker.url);
    const all = numbers(1, 20).map((text) => publisher.publishAsync('a', text, { qos: 1 }));
    await waitFor('a full queue', () => broker.facts().queuedMessages >= 5);
    await waitFor('the disconnect', async () => {
      await clock.advance(1_000);
      return !back.connected;
    });
    await Promise.all(all);
    expect(broker.facts().queuedMessages).toBe(5);
    expect(logged('mqtt client acknowledges nothing: disconnected')).toMatchObject([{ client: 'deaf' }]);
  });

  it('loses its oldest messages beyond a number, and beyond bytes; the log names it once', async () => {
    const broker = await start({ limits: { maxOfflineMessages: 10, maxOfflineBytes: 1_000 } });
    await leave(broker.url, 'away', ['a']);
    await leave(broker.url, 'far', ['b']);
    const publisher = await client(broker.url);
    for (const text of numbers(1, 30)) await publisher.publishAsync('a', text, { qos: 1 });
    for (const text of numbers(1, 8)) await publisher.publishAsync('b', text.padEnd(299), { qos: 1 });
    expect(broker.facts()).toMatchObject({ sessions: 2, queuedMessages: 13, droppedMessages: 25 });
    const full = logged('mqtt session queue full: its oldest messages are dropped');
    expect(full).toMatchObject([{ client: 'away' }, { client: 'far' }]);
    const away = comeBack(broker.url, 'away');
    const far = comeBack(broker.url, 'far');
    await waitFor('what was kept', () => away.heard.length === 10 && far.heard.length === 3);
    expect(away.heard).toEqual(numbers(21, 30));
    expect(far.heard.map((text) => text.trim())).toEqual(numbers(6, 8));
    await waitFor('acknowledgements', () => broker.facts().queuedBytes === 0);
  });

  it('with most bytes makes room where all of them together have too many', async () => {
    const broker = await start({ limits: { maxAllOfflineBytes: 1_000 } });
    await leave(broker.url, 'greedy', ['a']);
    await leave(broker.url, 'modest', ['b']);
    const publisher = await client(broker.url);
    await publisher.publishAsync('b', 'dear', { qos: 1 });
    for (const text of numbers(1, 20)) await publisher.publishAsync('a', text.padEnd(99), { qos: 1 });
    expect(broker.facts().queuedBytes).toBeLessThanOrEqual(1_000);
    expect(broker.facts()).toMatchObject({ queuedMessages: 10, droppedMessages: 11 });
    const modest = comeBack(broker.url, 'modest');
    await waitFor('what was kept', () => modest.heard.length === 1);
  });

  it('is refused with "server unavailable" where there are as many as there may be', async () => {
    const owner = { username: 'node', password: 'secret' };
    const broker = await start({ limits: { maxSessions: 2 }, owner });
    await leave(broker.url, 'one');
    await leave(broker.url, 'two');
    for (const clientId of ['three', 'four'])
      await expect(client(broker.url, { clientId, clean: false })).rejects.toMatchObject({ code: 3 });
    expect(broker.facts()).toMatchObject({ sessions: 2, refusals: 2 });
    expect(logged('mqtt session refused: too many')).toMatchObject([{ client: 'three', maxSessions: 2 }]);
    await client(broker.url, { clientId: 'three', clean: true });
    await client(broker.url, { clientId: 'one', clean: false });
    await client(broker.url, { clientId: 'own', clean: false, ...owner });
    await client(broker.url, { clientId: 'two', clean: true });
  });

  it('counts from the moment that it is asked for, and not where it kept nothing', async () => {
    const broker = await start({ limits: { maxSessions: 2 } });
    const ids = numbers(1, 5);
    const asked = await Promise.allSettled(
      ids.map((clientId) => client(broker.url, { clientId, clean: false })),
    );
    const let_in = asked.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    expect(let_in).toHaveLength(2);
    for (const each of let_in) await each.endAsync();
    await waitFor('the end of both', () => broker.facts().sessions === 0);
    await client(broker.url, { clientId: 'next', clean: false });
  });

  it('ends when nobody came back for so many days that the broker ran, in its file too', async () => {
    const path = sessionsPath();
    const clock = new ManualClock();
    const first = await start({ sessionsPath: path, clock, limits: { sessionDays: 2 } });
    await leave(first.url, 'gone');
    const publisher = await client(first.url);
    await publisher.publishAsync('a', '1', { qos: 1 });
    await clock.advance(40 * 3_600_000);
    await first.close();
    const second = await start({ sessionsPath: path, clock, limits: { sessionDays: 2 } });
    await leave(second.url, 'fresh');
    await client(second.url, { clientId: 'here', clean: false });
    expect(second.facts()).toMatchObject({ sessions: 3, queuedMessages: 1 });
    await clock.advance(8 * 3_600_000);
    expect(second.facts()).toMatchObject({ sessions: 2, queuedMessages: 0, expiredSessions: 1 });
    expect(logged('mqtt session expired')).toMatchObject([{ client: 'gone', messages: 1 }]);
    const other = await client(second.url);
    await other.publishAsync('a', '2', { qos: 1 });
    expect(second.facts().queuedMessages).toBe(1);
    await second.close();
    const third = await start({ sessionsPath: path, clock });
    expect(third.facts()).toMatchObject({ sessions: 1, queuedMessages: 1 });
  });

  it('keeps no subscription that was refused', async () => {
    const path = sessionsPath();
    const first = await start({ sessionsPath: path, limits: { maxSubscriptions: 2 } });
    const one = await client(first.url, { clientId: 'one', clean: false });
    await expect(one.subscribeAsync(['a', 'b', 'c', 'd'])).rejects.toThrow();
    await first.close();
    const file = new Database(path, { readonly: true });
    disposables.add(() => void file.close());
    expect(file.prepare('SELECT topic FROM subscriptions ORDER BY topic').pluck().all()).toEqual(['a', 'b']);
  });

  it('is told of nothing that its file did not take, until it takes it again', async () => {
    const path = sessionsPath();
    const broker = await start({ sessionsPath: path });
    await leave(broker.url, 'away');
    const publisher = await client(broker.url);
    const file = new Database(path);
    disposables.add(() => void file.close());
    file.exec("CREATE TRIGGER full BEFORE INSERT ON queue BEGIN SELECT RAISE(ABORT, 'disk full'); END");
    let isAcknowledged = false;
    publisher.publish('a', '1', { qos: 1 }, (error) => {
      isAcknowledged = !error;
    });
    await waitFor('the disconnect', () => !publisher.connected);
    expect(isAcknowledged).toBe(false);
    file.exec('DROP TRIGGER full');
    await waitFor('the next try', () => logged('mqtt sessions saved again').length === 1);
    expect(logged('mqtt sessions not saved')).toMatchObject([{ error: 'disk full' }]);
    expect(file.prepare('SELECT count(*) FROM queue').pluck().get()).toBe(1);
  });
});

describe('the embedded broker', () => {
  it('tells everybody all of what came in one write, in its order, whether it is retained or not', async () => {
    const { url } = await start();
    const listener = await client(url);
    const { back, heard } = comeBack(url, 'session');
    const told: string[] = [];
    listener.on('message', (_topic, payload) => void told.push(payload.toString()));
    for (const each of [listener, back]) await each.subscribeAsync('#', { qos: 1 });
    const publisher = await client(url);
    const texts = numbers(1, 300);
    publisher.stream.cork();
    for (const text of texts) publisher.publish('a', text, { qos: 1, retain: Number(text) % 3 === 0 });
    publisher.stream.uncork();
    for (const each of [told, heard]) {
      await waitFor('all', () => each.length >= 300);
      expect(each).toEqual(texts);
    }
  });

  it('takes no more connections of one address than its limit, without those of the node', async () => {
    const owner = { username: 'node', password: 'secret' };
    const broker = await start({ limits: { maxAddressConnections: 2 }, owner });
    await client(broker.url, owner);
    const one = await client(broker.url);
    await client(broker.url);
    for (let n = 0; n < 3; n++) await expect(client(broker.url)).rejects.toThrow();
    expect(broker.facts()).toMatchObject({ clients: 3, refusals: 3 });
    expect(logged('mqtt connection refused: too many of one address')).toMatchObject([
      { remote: '127.0.0.1', maxAddressConnections: 2 },
    ]);
    await one.endAsync();
    await waitFor('room', () => broker.facts().clients === 2);
    await client(broker.url);
  });
});
