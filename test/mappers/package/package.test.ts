import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../lib/clock.ts';
import { Disposables } from '../../../lib/disposables.ts';
import { listen } from '../../../lib/listen.ts';
import { silentLogger } from '../../../lib/logger.ts';
import type { Mapper } from '../../../mappers/contract.ts';
import { type HostDevice, startMapperHost } from '../../../mappers/host.ts';
import { loadMapperPackage } from '../../../mappers/package/mapper.ts';
import { waitFor } from '../../harness/wait.ts';
import { device, property } from '../models.ts';
import { RecordingSink } from '../recording-sink.ts';

const disposables = new Disposables();
afterEach(() => disposables.close());

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'octograph-package-'));
  disposables.add(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const load = (specifier: string, from: string) =>
  loadMapperPackage({
    specifier,
    from,
    dataDir: join(from, 'data'),
    maxHeapMb: 64,
    clock: systemClock,
    random: () => 0,
    logger: silentLogger,
  });

async function run(specifier: string, from: string, devices: HostDevice[], others: Mapper[] = []) {
  const sink = new RecordingSink();
  const mappers = [await load(specifier, from), ...others];
  const host = disposables.use(
    startMapperHost({ mappers, sink, clock: systemClock, random: () => 0, logger: silentLogger }),
  );
  host.setDevices(devices);
  return { host, sink };
}

/** A module of one line per property of its mapper; `collect` is what a test wants to go wrong. */
function module(collect: string): string {
  const from = folder();
  writeFileSync(
    join(from, 'bad.mjs'),
    `export default () => ({
      protocol: 'bad', delivery: 'poll', async close() {},
      async open({ name }) {
        return { async apply(_, value) { return value; }, async close() {}, async collect(names) { ${collect}
          return names.map((property) => ({ property, value: 1, quality: 'GOOD', observedAt: Date.now() })); } };
      },
    });`,
  );
  return from;
}

const bad = (name: string) =>
  device(name, { protocolName: 'bad', properties: [property('x', { collectCycleMs: 50 })] });

describe('the mapper of docs/writing-a-mapper.md', () => {
  const text = readFileSync(join(import.meta.dirname, '../../../docs/writing-a-mapper.md'), 'utf8');
  const code = /```js\n([\s\S]*?)```/.exec(text)?.[1] ?? '';

  async function startThermometer() {
    const values: Record<string, number> = { temperature: 21.5, setpoint: 19 };
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('data', (bytes) => {
        const [verb, key = '', value] = bytes.toString().trim().split(' ');
        if (verb === 'CALL') socket.write(`${key} done\n`);
        else if (!(key in values)) socket.write('ERR no such key\n');
        else if (verb === 'SET' && Number(value) > 30) socket.write('ERR too hot\n');
        else {
          if (verb === 'SET') values[key] = Number(value);
          socket.write(`${values[key]}\n`);
        }
      });
    });
    const port = await listen(server, { host: '127.0.0.1', port: 0 }, 'a thermometer');
    const close = () => {
      for (const socket of sockets) socket.destroy();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    };
    disposables.add(close);
    return { port, close };
  }

  it('has at most a hundred lines', () => {
    expect(code.split('\n').length).toBeGreaterThan(20);
    expect(code.split('\n').length).toBeLessThanOrEqual(100);
  });

  it('reads, obeys, is called, refuses, and says when its device is gone', async () => {
    const from = folder();
    writeFileSync(join(from, 'thermometer.mjs'), code);
    const thermometer = await startThermometer();
    const protocol = { host: '127.0.0.1', port: thermometer.port };
    const properties = [
      property('temperature', { collectCycleMs: 50 }),
      property('setpoint', { collectCycleMs: 50 }),
      property('humidity', { collectCycleMs: 50, visitor: { key: 'rh' } }),
    ];
    const { host, sink } = await run('./thermometer.mjs', from, [
      device('kitchen', { protocolName: 'thermometer', protocol, properties }),
      device('nowhere', { protocolName: 'thermometer', protocol: { port: 'x' }, properties }),
    ]);
    await waitFor('a temperature', () => sink.last('kitchen', 'temperature')?.value === 21.5);
    expect(sink.last('kitchen', 'humidity')).toMatchObject({ quality: 'BAD', raw: 'ERR no such key' });
    expect(await host.apply('default/kitchen', 'setpoint', 22, 2_000)).toBe(22);
    await expect(host.apply('default/kitchen', 'setpoint', 31, 2_000)).rejects.toMatchObject({
      code: 'DEVICE_REFUSED',
      message: 'setpoint: ERR too hot',
    });
    expect(await host.invoke('default/kitchen', { method: 'restart', args: {} }, 2_000)).toBe('restart done');
    await waitFor('the other', () => sink.stateOf('nowhere') === 'unhealthy');
    expect(sink.reasonOf('nowhere')).toBe('default/nowhere: host must be text; it is missing');
    await thermometer.close();
    await waitFor('the loss', () => sink.stateOf('kitchen') === 'disconnected');
  });
});

describe('a mapper package', () => {
  it('is found under its name from where octograph was started', async () => {
    const from = folder();
    const home = join(from, 'node_modules/@acme/mapper');
    mkdirSync(home, { recursive: true });
    writeFileSync(
      join(home, 'package.json'),
      '{"name":"@acme/mapper","type":"module","exports":{".":{"import":"./lib.js"}}}',
    );
    writeFileSync(join(home, 'lib.js'), readFileSync(join(module(''), 'bad.mjs')));
    const { sink } = await run('@acme/mapper', from, [bad('a')]);
    await waitFor('a value', () => sink.last('a', 'x')?.value === 1);
  });

  it.each([
    ['./missing.mjs', '', /mapper \.\/missing\.mjs: there is no file/],
    [
      '@acme/nothing',
      '',
      /mapper @acme\/nothing: there is no such package; install it where you start octograph/,
    ],
    ['./m.mjs', 'export default 1', /its default export must be a function/],
    ['./m.mjs', 'export default () => ({ protocol: "X" })', /its protocol must be text in lower case/],
    ['./m.mjs', 'export default () => { throw new Error("no licence") }', /mapper \.\/m\.mjs: no licence/],
    ['./m.mjs', 'process.exit(3)', /mapper \.\/m\.mjs: the mapper \.\/m\.mjs ended \(code 3\)/],
  ])('%s of %j is refused', async (specifier, code, message) => {
    const from = folder();
    writeFileSync(join(from, 'm.mjs'), code);
    await expect(load(specifier, from)).rejects.toMatchObject({
      code: 'SETTINGS',
      message: expect.stringMatching(message),
    });
  });

  it.each([
    ['throws out of nowhere', `if (name === 'a') setTimeout(() => { throw new Error('boom'); });`],
    ['rejects without a handler', `if (name === 'a') Promise.reject(new Error('boom'));`],
    ['ends its process', `if (name === 'a') process.exit(1);`],
    [
      'leaks',
      `if (name === 'a') { globalThis.kept ??= []; for (;;) globalThis.kept.push(new Array(1e5).fill(name)); }`,
    ],
  ])('that %s costs its own devices a pause', async (_what, collect) => {
    const { sink } = await run('./bad.mjs', module(collect), [bad('a')]);
    await waitFor('the loss', () => sink.stateOf('a') === 'disconnected', { timeoutMs: 30_000 });
    expect(sink.reasonOf('a')).toMatch(/the mapper \.\/bad\.mjs ended/);
    await waitFor(
      'the next process',
      () => sink.states.filter(({ state }) => state === 'disconnected').length > 1,
      {
        timeoutMs: 30_000,
      },
    );
  });

  it('that hangs in a call is given up, and the others go on', async () => {
    const hang = `if (name === 'a') await new Promise(() => {});`;
    const { host, sink } = await run('./bad.mjs', module(hang), [bad('a'), bad('b')]);
    await waitFor('the other', () => sink.last('b', 'x')?.value === 1);
    await expect(host.read('default/a', ['x'], 300)).rejects.toMatchObject({ code: 'DEVICE_TIMEOUT' });
    expect(await host.apply('default/b', 'x', 5, 1_000)).toBe(5);
  });
});
