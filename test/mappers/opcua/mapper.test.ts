import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../lib/clock.ts';
import { Disposables } from '../../../lib/disposables.ts';
import { silentLogger } from '../../../lib/logger.ts';
import { type HostDevice, type MapperHost, startMapperHost } from '../../../mappers/host.ts';
import { createOpcuaMapper } from '../../../mappers/opcua/mapper.ts';
import { waitFor } from '../../harness/wait.ts';
import { device, property } from '../models.ts';
import { RecordingSink } from '../recording-sink.ts';
import { TestServer } from './server.ts';

const ID = 'default/boiler';
const directory = mkdtempSync(join(tmpdir(), 'octograph-opcua-'));
let server: TestServer;
beforeAll(async () => {
  server = await TestServer.start({ pkiDir: join(directory, 'server') });
});
afterAll(async () => {
  await server.kill();
  rmSync(directory, { recursive: true, force: true });
});

const disposables = new Disposables();
afterEach(() => disposables.close());

const node = (name: string, fields: Parameters<typeof property>[1] = {}, visitor = {}) =>
  property(name, {
    collectCycleMs: 50,
    visitor: { nodeID: `ns=2;s=Boiler.${name}`, ...visitor },
    ...fields,
  });

const boiler = (fields: Partial<HostDevice> = {}, protocol: Record<string, unknown> = {}) =>
  device('boiler', {
    protocolName: 'opcua',
    protocol: { url: server.url, ...protocol },
    properties: [node('Temperature', { accessMode: 'READ_ONLY' }), node('SetPoint', { type: 'FLOAT' })],
    ...fields,
  });

function run(
  devices: HostDevice[],
  pkiDir = join(directory, 'edge'),
): { host: MapperHost; sink: RecordingSink } {
  const sink = new RecordingSink();
  const mapper = createOpcuaMapper({ pkiDir, clock: systemClock, random: () => 0.5, logger: silentLogger });
  const host = disposables.use(
    startMapperHost({ mappers: [mapper], sink, clock: systemClock, random: () => 0, logger: silentLogger }),
  );
  host.setDevices(devices);
  return { host, sink };
}

const online = (sink: RecordingSink, name = 'boiler') =>
  waitFor('the device online', () => sink.stateOf(name) === 'online');

const children = () =>
  execFileSync('pgrep', ['-P', String(process.pid), '-f', 'opcua/child/main.ts'])
    .toString()
    .trim()
    .split('\n')
    .map(Number);
const childrenNow = () => {
  try {
    return children();
  } catch {
    return []; // pgrep ends with 1 where it finds none.
  }
};

describe('an OPC UA device', () => {
  it('tells its values as they change, with the time of the source', async () => {
    const { sink } = run([boiler()]);
    await waitFor('the first value', () => sink.last('boiler', 'Temperature'));
    const at = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
    await server.set('Temperature', 22.25, { at });
    const reading = await waitFor('the change', () => {
      const last = sink.last('boiler', 'Temperature');
      return last?.value === 22.25 && last;
    });
    expect(reading).toMatchObject({ quality: 'GOOD', observedAt: at });
  });

  it('passes on what the server says of quality', async () => {
    const { sink } = run([boiler()]);
    await waitFor('the first value', () => sink.last('boiler', 'Temperature'));
    await server.set('Temperature', 23, { status: 'UncertainLastUsableValue' });
    await waitFor('uncertain', () => sink.last('boiler', 'Temperature')?.quality === 'UNCERTAIN');
    expect(sink.last('boiler', 'Temperature')).toMatchObject({ value: 23, raw: 'UncertainLastUsableValue' });
    await server.set('Temperature', 23, { status: 'BadSensorFailure' });
    await waitFor('bad', () => sink.last('boiler', 'Temperature')?.quality === 'BAD');
    expect(sink.last('boiler', 'Temperature')).toMatchObject({ value: null, raw: 'BadSensorFailure' });
    await server.set('Temperature', 23);
  });

  it('keeps to itself what is within the deadband', async () => {
    const properties = [node('Temperature', {}, { deadband: 1 })];
    await server.set('Temperature', 50);
    const { sink } = run([boiler({ properties })]);
    await waitFor('the first value', () => sink.last('boiler', 'Temperature')?.value === 50);
    await server.set('Temperature', 50.9);
    await server.set('Temperature', 51.5);
    await waitFor('the change', () => sink.last('boiler', 'Temperature')?.value === 51.5);
    expect(sink.values('boiler', 'Temperature')).toEqual([50, 51.5]);
  });

  it('names a node that the server does not have, and monitors the others', async () => {
    const { sink } = run([boiler({ properties: [node('Missing'), node('Temperature')] })]);
    await waitFor('both', () => sink.last('boiler', 'Temperature') && sink.last('boiler', 'Missing'));
    expect(sink.last('boiler', 'Missing')).toMatchObject({
      value: null,
      quality: 'BAD',
      raw: 'not monitored: BadNodeIdUnknown',
    });
  });

  it('is read in one go, whatever the types', async () => {
    const properties = [
      node('Big', { type: 'INT' }),
      node('Name', { type: 'STRING' }),
      node('Enabled', { type: 'BOOLEAN' }),
      node('Since', { type: 'STRING' }),
      node('Blob', { type: 'BYTES' }),
      node('Label', { type: 'STRING' }),
      node('List', { type: 'STRING' }),
      node('Mode', { type: 'INT' }),
    ];
    const { host, sink } = run([boiler({ properties })]);
    await online(sink);
    const readings = await host.read(
      ID,
      properties.map(({ name }) => name),
      5000,
    );
    expect(Object.fromEntries(readings.map(({ property: name, value }) => [name, value]))).toEqual({
      Big: '9007199254740993',
      Name: 'boiler',
      Enabled: false,
      Since: '2026-01-02T03:04:05.678Z',
      Blob: 'AQL/',
      Label: 'Kessel',
      List: '[1,2.5]',
      Mode: 2,
    });
  });

  it('takes values with the data type of the node, and answers with what it then holds', async () => {
    const properties = [
      node('SetPoint', { type: 'FLOAT' }),
      node('Speed', { type: 'INT' }),
      node('Big', { type: 'INT' }),
      node('Name', { type: 'STRING' }),
      node('Enabled', { type: 'BOOLEAN' }),
    ];
    const { host, sink } = run([boiler({ properties })]);
    await online(sink);
    expect(await host.apply(ID, 'SetPoint', 21.3, 5000)).toBe(21.3);
    expect(await host.apply(ID, 'Speed', -5, 5000)).toBe(-5);
    expect(await host.apply(ID, 'Big', '9007199254740993', 5000)).toBe('9007199254740993');
    expect(await host.apply(ID, 'Name', 'kettle', 5000)).toBe('kettle');
    expect(await host.apply(ID, 'Enabled', true, 5000)).toBe(true);
    await host.apply(ID, 'Name', 'boiler', 5000);
  });

  it('refuses what its node cannot hold, or nobody may write', async () => {
    const properties = [
      node('Small', { type: 'INT' }),
      node('Temperature'),
      node('List', { type: 'STRING' }),
    ];
    const { host, sink } = run([boiler({ properties })]);
    await online(sink);
    await expect(host.apply(ID, 'Small', 256, 5000)).rejects.toMatchObject({
      code: 'DEVICE_REFUSED',
      message: 'ns=2;s=Boiler.Small: 256 does not fit; expected an integer 0..255 (Byte)',
    });
    await expect(host.apply(ID, 'Temperature', 1, 5000)).rejects.toMatchObject({
      code: 'DEVICE_REFUSED',
      message: expect.stringContaining('BadNotWritable'),
    });
    await expect(host.apply(ID, 'List', '[]', 5000)).rejects.toMatchObject({ code: 'DEVICE_REFUSED' });
  });

  it('does not seem to drift back when a sample from before a write comes after it', async () => {
    const properties = [node('SetPoint', { type: 'FLOAT' }, { samplingInterval: 10 })];
    await server.set('SetPoint', 18);
    const { host, sink } = run([boiler({ properties }, { publishingInterval: 400 })]);
    await waitFor('the first value', () => sink.last('boiler', 'SetPoint')?.value === 18);
    await server.set('SetPoint', 19, { at: Date.now() - 1000 });
    await host.apply(ID, 'SetPoint', 25, 5000);
    await server.set('SetPoint', 26);
    await waitFor('the next value', () => sink.last('boiler', 'SetPoint')?.value === 26);
    expect(sink.values('boiler', 'SetPoint')).toEqual([18, 25, 26]);
  });

  it('finds a node by the URI of its namespace', async () => {
    const { sink } = run([
      boiler({
        properties: [node('Mode', { type: 'INT' }, { nodeID: 'nsu=urn:octograph:boiler;s=Boiler.Mode' })],
      }),
    ]);
    await waitFor('the value', () => sink.last('boiler', 'Mode')?.value === 2);
  });

  it('has methods, with arguments and a result', async () => {
    const methods = {
      add: { objectID: 'ns=2;s=Boiler', methodID: 'ns=2;s=Boiler.Add' },
      refuse: { objectID: 'ns=2;s=Boiler', methodID: 'ns=2;s=Boiler.Refuse' },
    };
    const { host, sink } = run([boiler({}, { methods })]);
    await online(sink);
    const call = (method: string, args = {}) => host.invoke(ID, { method, args }, 5000);
    expect(await call('add', { left: 2, right: 0.5 })).toBe(2.5);
    await expect(call('add', { left: 2 })).rejects.toMatchObject({
      code: 'DEVICE_REFUSED',
      message: 'ns=2;s=Boiler.Add: argument right is missing',
    });
    await expect(call('add', { left: 2, right: 1, up: 1 })).rejects.toThrow(
      'has no argument up; its arguments: left, right',
    );
    await expect(call('refuse')).rejects.toMatchObject({
      code: 'DEVICE_REFUSED',
      message: expect.stringContaining('BadInvalidState'),
    });
  });

  it('shows what its server has', async () => {
    const { host, sink } = run([boiler()]);
    await online(sink);
    const roots = await host.browse(ID, undefined, 5000);
    const found = roots.find(({ name }) => name === 'Boiler');
    expect(found).toMatchObject({ kind: 'object', id: 'ns=2;s=Boiler' });
    const nodes = await host.browse(ID, found?.id, 5000);
    expect(nodes.find(({ name }) => name === 'SetPoint')).toEqual({
      id: 'ns=2;s=Boiler.SetPoint',
      name: 'SetPoint',
      kind: 'variable',
      dataType: 'Float',
      writable: true,
    });
    expect(nodes.find(({ name }) => name === 'Temperature')).toMatchObject({ writable: false });
    expect(nodes.find(({ name }) => name === 'Add')).toMatchObject({ kind: 'method' });
  });

  it('is known by user name and password, the latter from a file too', async () => {
    const path = join(directory, 'password');
    writeFileSync(path, 'secret\n');
    const { sink } = run([boiler({}, { userName: 'operator', password: path })]);
    await online(sink);
  });

  it('says so when the password is wrong', async () => {
    const { sink } = run([boiler({}, { userName: 'operator', password: 'wrong' })]);
    await waitFor('the reason', () =>
      /BadUserAccessDenied|BadIdentityToken/.test(sink.reasonOf('boiler') ?? ''),
    );
    expect(sink.stateOf('boiler')).toBe('disconnected');
  });
});

/** A process starts, makes its key and certificate, and tries several times: seconds, and more on a busy machine. */
const SLOW = { timeoutMs: 60_000 };

describe('a secured OPC UA device', { timeout: 150_000 }, () => {
  it.each(['Sign', 'SignAndEncrypt'])('is trusted when its certificate is, with %s', async (securityMode) => {
    const pkiDir = join(directory, `edge-${securityMode}`);
    const { sink, host } = run([boiler({}, { securityMode })], pkiDir);
    await waitFor('the refusal', () => /BadCertificateUntrusted/.test(sink.reasonOf('boiler') ?? ''), SLOW);
    const rejected = join(pkiDir, 'rejected');
    const file = await waitFor('the rejected certificate', () => readdirSync(rejected)[0]);
    renameSync(join(rejected, file), join(pkiDir, 'trusted/certs', file));
    await waitFor('the device online', () => sink.stateOf('boiler') === 'online', SLOW);
    expect(await host.apply(ID, 'SetPoint', 24, 5000)).toBe(24);
  });
});

describe('an OPC UA device that is lost', () => {
  it('is found again with its subscription when the server restarts', async () => {
    const own = await TestServer.start({ pkiDir: join(directory, 'own') });
    disposables.add(() => own.kill());
    const { host, sink } = run([boiler({ protocol: { url: own.url } })]);
    await waitFor('the first value', () => sink.last('boiler', 'Temperature'));
    await own.kill();
    await waitFor('the loss', () => sink.stateOf('boiler') === 'disconnected');
    await expect(host.apply(ID, 'SetPoint', 22, 1000)).rejects.toMatchObject({ code: 'DEVICE_UNREACHABLE' });
    const again = await TestServer.start({ pkiDir: join(directory, 'own'), port: own.port });
    disposables.add(() => again.kill());
    await online(sink);
    await again.set('Temperature', 77);
    await waitFor('news', () => sink.last('boiler', 'Temperature')?.value === 77);
  });

  it('is disconnected when the OPC UA process dies, and comes back with a new one', async () => {
    const { sink } = run([boiler()]);
    await online(sink);
    const [pid] = children();
    process.kill(pid as number, 'SIGKILL');
    await waitFor('the loss', () => sink.stateOf('boiler') === 'disconnected');
    expect(sink.reasonOf('boiler')).toBe('the opcua process ended (SIGKILL)');
    await online(sink);
    await server.set('Temperature', 33);
    await waitFor('news', () => sink.last('boiler', 'Temperature')?.value === 33);
  });
});

describe('the OPC UA process', () => {
  it('runs only while there is a device, one for all servers', async () => {
    const sink = new RecordingSink();
    const mapper = createOpcuaMapper({
      pkiDir: join(directory, 'edge'),
      clock: systemClock,
      random: () => 0,
      logger: silentLogger,
    });
    const host = disposables.use(
      startMapperHost({ mappers: [mapper], sink, clock: systemClock, random: () => 0, logger: silentLogger }),
    );
    expect(childrenNow()).toEqual([]);
    const other = await TestServer.start({ pkiDir: join(directory, 'other') });
    disposables.add(() => other.kill());
    host.setDevices([boiler(), boiler({ name: 'second', protocol: { url: other.url } })]);
    await online(sink);
    await online(sink, 'second');
    expect(children()).toHaveLength(1);
    host.setDevices([], ['default/boiler', 'default/second']);
    await waitFor('the end of the process', () => childrenNow().length === 0);
  });
});
