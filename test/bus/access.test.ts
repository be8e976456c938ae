import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { afterEach, describe, expect, it } from 'vitest';
import { AclFile } from '../../bus/acl-file.ts';
import { type BrokerOptions, startBroker } from '../../bus/broker.ts';
import { PasswordFile } from '../../bus/password-file.ts';
import { createCertificateAuthority, issueCertificate } from '../../lib/certificates.ts';
import { systemClock } from '../../lib/clock.ts';
import { Disposables } from '../../lib/disposables.ts';
import { silentLogger } from '../../lib/logger.ts';
import { covers } from '../../lib/mqtt-topic.ts';
import { waitFor } from '../harness/wait.ts';

const disposables = new Disposables();
afterEach(() => disposables.close());

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'octograph-broker-'));
  disposables.add(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

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

describe('the password file', () => {
  it('is what mosquitto_passwd writes', async () => {
    const path = join(folder(), 'passwords');
    writeFileSync(path, '');
    try {
      execFileSync('mosquitto_passwd', ['-b', path, 'pump', 'secret'], { stdio: 'ignore' });
    } catch {
      return; // Needs mosquitto_passwd.
    }
    const file = new PasswordFile(readFileSync(path, 'utf8'), path);
    expect(await file.verify('pump', 'secret')).toBe(true);
    expect(await file.verify('pump', 'wrong')).toBe(false);
    expect(await file.verify('pump', undefined)).toBe(false);
    expect(await file.verify('fan', 'secret')).toBe(false);
    expect(await file.verify(undefined, undefined)).toBe(false);
  });

  it.each(['pump:secret', 'pump', ':$6$a$b', 'pump:$7$99999999$c2FsdA==$aGFzaA==', 'pump:$6$%%$aGFzaA=='])(
    'is refused with the line %s, which is not shown',
    (line) =>
      expect(() => new PasswordFile(`# users\n${line}`, 'passwords')).toThrow(
        'passwords, line 2: expected user:$7$… or user:$6$…, as mosquitto_passwd writes it',
      ),
  );
});

describe('a topic filter', () => {
  it.each([
    ['a/#', 'a/b/c', true],
    ['a/#', 'a', true],
    ['a/#', 'a/+', true],
    ['a/+', 'a/b', true],
    ['a/+', 'a/#', false],
    ['a/b', 'a/+', false],
    ['#', 'a/b', true],
    ['#', '$hw/events', false],
    ['$hw/events/#', '$hw/events/device/a', true],
    ['a/+/c', 'a/b/d', false],
    ['a', 'a/b', false],
  ])('%s covers %s: %s', (outer, inner, expected) => expect(covers(outer, inner)).toBe(expected));
});

describe('the access file', () => {
  const acl = new AclFile(
    [
      'topic read public/#',
      'user pump',
      'topic readwrite pumps/1/#',
      'topic deny pumps/1/secret',
      'pattern write $hw/events/device/default/%u/twin/+',
      'pattern read $hw/events/device/default/%u/#',
      'pattern readwrite clients/%c',
    ].join('\n'),
    'acl',
  );
  const pump = { name: 'pump', clientId: 'c1' };
  const nobody = { name: undefined, clientId: 'c2' };

  it('gives a client its own device, and no other', () => {
    expect(acl.mayPublish(pump, '$hw/events/device/default/pump/twin/update')).toBe(true);
    expect(acl.mayPublish(pump, '$hw/events/device/default/fan/twin/update')).toBe(false);
    expect(acl.maySubscribe(pump, '$hw/events/device/default/pump/#')).toBe(true);
    expect(acl.maySubscribe(pump, '$hw/events/device/+/pump/#')).toBe(false);
    expect(acl.maySubscribe(pump, '#')).toBe(false);
  });

  it('gives those without a name what stands before the first user', () => {
    expect(acl.maySubscribe(nobody, 'public/x')).toBe(true);
    expect(acl.mayPublish(nobody, 'public/x')).toBe(false);
    expect(acl.maySubscribe(pump, 'public/x')).toBe(false);
    expect(acl.mayPublish(nobody, '$hw/events/device/default//twin/update')).toBe(false);
  });

  it('lets a deny go before all others, for every filter that reaches it', () => {
    expect(acl.mayPublish(pump, 'pumps/1/speed')).toBe(true);
    expect(acl.mayPublish(pump, 'pumps/1/secret')).toBe(false);
    expect(acl.maySubscribe(pump, 'pumps/1/+')).toBe(false);
  });

  it('takes no wildcard for a name', () => {
    expect(acl.mayPublish({ name: 'x', clientId: '#' }, 'clients/a')).toBe(false);
    expect(acl.mayPublish({ name: '+', clientId: 'c' }, '$hw/events/device/default/fan/twin/update')).toBe(
      false,
    );
    expect(acl.mayPublish({ name: 'x', clientId: 'c9' }, 'clients/c9')).toBe(true);
  });

  it.each(['users pump', 'topic', 'user', 'read a/b'])('is refused with the line %s', (line) =>
    expect(() => new AclFile(line, 'acl')).toThrow(`acl, line 1: "${line}"; expected user NAME`),
  );
});

describe('a broker with an access file', () => {
  const access = new AclFile('user pump\ntopic readwrite pump/#\n', 'acl');

  it('answers a subscription that is not allowed with a failure, and keeps the client', async () => {
    const { url } = await start({ access });
    const pump = await client(url, { username: 'pump', password: 'x' });
    await expect(pump.subscribeAsync('fan/#')).rejects.toThrow(/Subscribe error/i);
    await pump.subscribeAsync('pump/#', { qos: 1 });
    expect(pump.connected).toBe(true);
  });

  it('disconnects a client that publishes what it may not, and nobody hears it', async () => {
    const { url, ownUrl } = await start({ access, owner: { username: 'node', password: 'own' } });
    const owner = await client(ownUrl, { username: 'node', password: 'own' });
    const heard: string[] = [];
    owner.on('message', (topic) => void heard.push(topic));
    await owner.subscribeAsync('#', { qos: 1 });
    const pump = await client(url, { username: 'pump', password: 'x' });
    await pump.publishAsync('pump/1', 'x', { qos: 1 });
    pump.publish('fan/1', 'x', { qos: 1 });
    await waitFor('the disconnect', () => !pump.connected);
    await owner.publishAsync('marker', 'x', { qos: 1 });
    await waitFor('the marker', () => heard.includes('marker'));
    expect(heard).toEqual(['pump/1', 'marker']);
  });

  it('lets in nobody who only knows the name of the node', async () => {
    const { url } = await start({ access, owner: { username: 'node', password: 'own' } });
    await expect(client(url, { username: 'node', password: 'guess' })).rejects.toThrow(/Not authorized/);
  });
});

describe('a broker with TLS', () => {
  const now = Date.now();
  const validForMs = 3_600_000;
  const issue = async () => {
    const ca = await createCertificateAuthority({ commonName: 'test', now, validForMs });
    const server = await issueCertificate({
      ca,
      subject: { commonName: 'broker' },
      hosts: ['127.0.0.1'],
      usage: 'server',
      now,
      validForMs,
    });
    const pump = await issueCertificate({
      ca,
      subject: { commonName: 'pump' },
      usage: 'client',
      now,
      validForMs,
    });
    return { ca: ca.certificatePem, server, pump };
  };

  it('speaks TLS to others, and plainly to the node itself', async () => {
    const { ca, server } = await issue();
    const { url, ownUrl } = await start({ tls: { cert: server.certificatePem, key: server.keyPem } });
    expect(url).toMatch(/^mqtts:/);
    expect((await client(url, { ca })).connected).toBe(true);
    await expect(client(url)).rejects.toThrow(/self-signed|unable to verify|certificate/);
    expect((await client(ownUrl)).connected).toBe(true);
  });

  it('knows clients by their certificates, where it asks for them', async () => {
    const { ca, server, pump } = await issue();
    const { url, ownUrl } = await start({
      tls: { cert: server.certificatePem, key: server.keyPem, ca },
      access: new AclFile('user pump\ntopic readwrite pump/#\n', 'acl'),
      owner: { username: 'node', password: 'own' },
    });
    const known = await client(url, { ca, cert: pump.certificatePem, key: pump.keyPem });
    await known.publishAsync('pump/1', 'x', { qos: 1 });
    expect(known.connected).toBe(true);
    await expect(client(url, { ca })).rejects.toThrow();
    await expect(client(ownUrl)).rejects.toThrow(/Not authorized/);
    expect((await client(ownUrl, { username: 'node', password: 'own' })).connected).toBe(true);
  });
});

describe('a broker that is started again', () => {
  it('still has its retained messages, sessions, and what waits for them', async () => {
    const sessionsPath = join(folder(), 'broker.db');
    const session = { clientId: 'away', clean: false };
    const first = await startBroker({
      host: '127.0.0.1',
      port: 0,
      clock: systemClock,
      logger: silentLogger,
      sessionsPath,
    });
    const away = await client(first.url, session);
    await away.subscribeAsync(['a/#', 'b'], { qos: 1 });
    await away.unsubscribeAsync('b');
    await away.endAsync();
    const publisher = await client(first.url);
    await publisher.publishAsync('kept', 'old', { qos: 1, retain: true });
    await publisher.publishAsync('kept', 'new', { qos: 1, retain: true });
    await publisher.publishAsync('gone', 'x', { qos: 1, retain: true });
    await publisher.publishAsync('gone', '', { qos: 1, retain: true });
    for (let n = 1; n <= 3; n++) await publisher.publishAsync('a/b', `${n}`, { qos: 1 });
    await publisher.publishAsync('b', 'unsubscribed', { qos: 1 });
    await first.close();

    const second = await start({ sessionsPath, limits: { maxRetainedTopics: 1 } });
    const heard: string[] = [];
    const back = await connectAsync(second.url, { ...session, reconnectPeriod: 0 }, false);
    disposables.add(() => back.endAsync(true));
    back.on('message', (topic, payload) => void heard.push(`${topic} ${payload}`));
    const other = await client(second.url);
    const retained: string[] = [];
    other.on('message', (topic, payload) => void retained.push(`${topic} ${payload}`));
    await other.subscribeAsync('#', { qos: 1 });
    await waitFor('what was retained', () => retained.length > 0);
    expect(retained).toEqual(['kept new']);
    await other.publishAsync('a/b', '4', { qos: 1 });
    await waitFor('what is told now', () => heard.includes('a/b 4'));
    expect(heard.filter((line) => line.startsWith('b'))).toEqual([]);
    other.publish('one-more', 'x', { qos: 1, retain: true });
    await waitFor('the limit, which counts what was restored', () => !other.connected);
  });

  it('delivers to a session in order what came while both were away', async () => {
    const sessionsPath = join(folder(), 'broker.db');
    const options = { host: '127.0.0.1', clock: systemClock, logger: silentLogger, sessionsPath };
    const first = await startBroker({ ...options, port: 0 });
    const session = { clientId: 'away', clean: false, reconnectPeriod: 0 };
    const away = await client(first.url, session);
    await away.subscribeAsync('a', { qos: 1 });
    await away.endAsync();
    const publisher = await client(first.url);
    for (let n = 1; n <= 5; n++) await publisher.publishAsync('a', `${n}`, { qos: 1 });
    await first.close();
    const { url } = await start({ sessionsPath });
    const { connect } = await import('mqtt');
    const heard: string[] = [];
    const back = connect(url, session);
    disposables.add(() => back.endAsync(true));
    back.on('message', (_topic, payload) => void heard.push(payload.toString()));
    await waitFor('what waited', () => heard.length === 5);
    expect(heard).toEqual(['1', '2', '3', '4', '5']);
  });
});
