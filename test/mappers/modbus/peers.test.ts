import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../lib/clock.ts';
import { Disposables } from '../../../lib/disposables.ts';
import { listen } from '../../../lib/listen.ts';
import type { DeviceSession } from '../../../mappers/contract.ts';
import { createModbusMapper } from '../../../mappers/modbus/mapper.ts';
import type { PropertyModel } from '../../../twin/model.ts';
import { waitFor } from '../../harness/wait.ts';
import { device, property } from '../models.ts';

/** Servers that others wrote. Each holds 1000 + n in register n, and n % 2 in bit n. */
interface Peer {
  name: string;
  needs: string;
  isThere: boolean;
  start(disposables: Disposables): Promise<number>;
}

const fixtures = join(import.meta.dirname, '../../fixtures');

const succeeds = (command: string, args: string[]) => {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

const kill = (child: ChildProcess) => async () => {
  child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
};

const directory = mkdtempSync(join(tmpdir(), 'octograph-peers-'));
afterAll(() => rmSync(directory, { recursive: true }));

const python = ['python3', '/usr/bin/python3'].find((command) =>
  succeeds(command, ['-c', 'import pymodbus']),
);
const libmodbusServer = join(directory, 'libmodbus-server');

const peers: Peer[] = [
  {
    name: 'libmodbus',
    needs: 'cc and libmodbus-dev',
    isThere: succeeds('cc', ['-o', libmodbusServer, join(fixtures, 'libmodbus-server.c'), '-lmodbus']),
    async start(disposables) {
      const child = spawn(libmodbusServer, { stdio: ['ignore', 'pipe', 'ignore'] });
      disposables.add(kill(child));
      const [line] = await once(child.stdout, 'data');
      return Number(line);
    },
  },
  {
    name: 'pymodbus',
    needs: 'python3-pymodbus',
    isThere: python !== undefined,
    async start(disposables) {
      const port = await freePort();
      const child = spawn(String(python), [join(fixtures, 'pymodbus-server.py'), String(port)], {
        stdio: 'ignore',
      });
      disposables.add(kill(child));
      return port;
    },
  },
];

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server, { host: '127.0.0.1', port: 0 }, 'a test');
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe.each(peers)('against $name (needs $needs)', ({ isThere, start }) => {
  const disposables = new Disposables();
  const at = (name: string, register: string, offset: number, fields: Partial<PropertyModel> = {}) =>
    property(name, { type: 'INT', ...fields, visitor: { register, offset, ...fields.visitor } });
  const properties = [
    at('h0', 'HoldingRegister', 0),
    at('h3', 'HoldingRegister', 3),
    at('h200', 'HoldingRegister', 200),
    at('i7', 'InputRegister', 7),
    at('c5', 'CoilRegister', 5, { type: 'BOOLEAN' }),
    at('d6', 'DiscreteInputRegister', 6, { type: 'BOOLEAN' }),
    at('pattern', 'CoilRegister', 16, { visitor: { limit: 9 } }),
    at('text', 'HoldingRegister', 300, { type: 'STRING', visitor: { limit: 8 } }),
    ...[false, true].flatMap((isSwap) =>
      [false, true].map((isRegisterSwap) =>
        at(`float${Number(isSwap)}${Number(isRegisterSwap)}`, 'HoldingRegister', 100, {
          type: 'FLOAT',
          visitor: { dataType: 'float32', isSwap, isRegisterSwap },
        }),
      ),
    ),
    at('big', 'HoldingRegister', 120, { visitor: { dataType: 'int64' } }),
    at('beyond', 'HoldingRegister', 9_000),
  ];
  let session: DeviceSession;
  const signal = () => AbortSignal.timeout(10_000);
  const read = async (...names: string[]) =>
    Object.fromEntries(
      (await session.collect(names, signal())).map(({ property, value }) => [property, value]),
    );

  beforeAll(async () => {
    if (!isThere) return;
    const port = await start(disposables);
    const mapper = disposables.use(createModbusMapper({ clock: systemClock, random: () => 0 }));
    const protocol = { ip: '127.0.0.1', port };
    session = await mapper.open(device('peer', { protocol, properties }), { report() {}, state() {} });
    await waitFor('the server', () => read('h0'));
  });
  afterAll(() => disposables.close());

  it.skipIf(!isThere)('reads all four kinds of register', async () => {
    expect(await read('h0', 'h3', 'h200', 'i7', 'c5', 'd6', 'pattern')).toEqual({
      h0: 1000,
      h3: 1003,
      h200: 1200,
      i7: 1007,
      c5: true,
      d6: false,
      pattern: 0b0_1010_1010,
    });
  });

  it.skipIf(!isThere)('writes one register, many, one coil, many', async () => {
    expect(await session.apply('h3', 42, signal())).toBe(42);
    expect(await session.apply('c5', false, signal())).toBe(false);
    expect(await session.apply('pattern', 0b1_1001_0011, signal())).toBe(0b1_1001_0011);
    expect(await session.apply('text', 'grüezi', signal())).toBe('grüezi');
    expect(await session.apply('big', '-9007199254740993', signal())).toBe('-9007199254740993');
    expect(await read('h3', 'c5', 'pattern', 'text')).toEqual({
      h3: 42,
      c5: false,
      pattern: 0b1_1001_0011,
      text: 'grüezi',
    });
  });

  it.skipIf(!isThere)('keeps a float32 in all four orders', async () => {
    for (const name of ['float00', 'float01', 'float10', 'float11']) {
      expect(await session.apply(name, 21.3, signal())).toBe(21.3);
    }
  });

  it.skipIf(!isThere)('loses nothing but the register that is not there', async () => {
    const readings = await session.collect(['h0', 'beyond'], signal());
    expect(readings).toMatchObject([
      { property: 'h0', quality: 'GOOD' },
      {
        property: 'beyond',
        quality: 'BAD',
        raw: 'illegal data address (2) reading holding register 9000 of unit 1',
      },
    ]);
  });
});
