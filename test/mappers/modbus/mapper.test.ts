import { afterEach, describe, expect, it } from 'vitest';
import { type ModbusPlantOptions, startModbusPlant } from '../../../cli/simulate/modbus-plant.ts';
import { systemClock } from '../../../lib/clock.ts';
import { Disposables } from '../../../lib/disposables.ts';
import type { DeviceSession } from '../../../mappers/contract.ts';
import { createModbusMapper } from '../../../mappers/modbus/mapper.ts';
import type { PropertyModel } from '../../../twin/model.ts';
import { waitFor } from '../../harness/wait.ts';
import { device, property } from '../models.ts';
import { type ScriptedRequest, startScriptedServer } from './scripted-server.ts';

const disposables = new Disposables();
afterEach(() => disposables.close());

const signal = () => AbortSignal.timeout(5_000);
const ignoreEvents = { report() {}, state() {} };
const noRandom = () => 0;

function startMapper() {
  return disposables.use(createModbusMapper({ clock: systemClock, random: noRandom }));
}

async function open(
  port: number,
  properties: PropertyModel[],
  { mapper = startMapper(), unit = 1, timeoutMs = 2_000 } = {},
): Promise<DeviceSession> {
  const protocol = { ip: '127.0.0.1', port, slaveID: unit, timeoutMs };
  return disposables.use(await mapper.open(device(`unit-${unit}`, { protocol, properties }), ignoreEvents));
}

const holding = (name: string, offset: number, fields: Partial<PropertyModel> = {}) =>
  property(name, {
    type: 'INT',
    ...fields,
    visitor: { register: 'HoldingRegister', offset, ...fields.visitor },
  });

async function scripted(answer: (request: ScriptedRequest) => void, port?: number) {
  return disposables.use(await startScriptedServer(answer, port));
}

const valuesOf = (readings: Array<{ property: string; value: unknown }>) =>
  Object.fromEntries(readings.map(({ property, value }) => [property, value]));

describe('the simulated plant', () => {
  const startPlant = async (options: Partial<ModbusPlantOptions> = {}) =>
    disposables.use(
      await startModbusPlant({
        host: '127.0.0.1',
        port: 0,
        thermostats: 3,
        clock: systemClock,
        random: () => 0.5,
        ...options,
      }),
    );

  const tenths = { type: 'DOUBLE', visitor: { dataType: 'int16', scale: 0.1 } } as const;
  const thermostat = [
    property('setPoint', {
      type: 'DOUBLE',
      visitor: { register: 'HoldingRegister', offset: 0, ...tenths.visitor },
    }),
    property('temperature', {
      type: 'DOUBLE',
      visitor: { register: 'InputRegister', offset: 0, ...tenths.visitor },
    }),
    property('enabled', { type: 'BOOLEAN', visitor: { register: 'CoilRegister', offset: 0 } }),
    property('heating', { type: 'BOOLEAN', visitor: { register: 'DiscreteInputRegister', offset: 0 } }),
    holding('mode', 1),
  ];

  it('answers all four kinds of register in one collection', async () => {
    const { port } = await startPlant();
    const session = await open(port, thermostat);
    const readings = await session.collect(
      thermostat.map(({ name }) => name),
      signal(),
    );
    expect(valuesOf(readings)).toEqual({
      setPoint: 21,
      temperature: 19,
      enabled: true,
      heating: true,
      mode: 0,
    });
    expect(readings.every(({ quality }) => quality === 'GOOD')).toBe(true);
  });

  it('takes a set point and gives back what the register holds', async () => {
    const { port } = await startPlant();
    const session = await open(port, thermostat);
    expect(await session.apply('setPoint', 23.54, signal())).toBe(23.5);
    expect(await session.apply('enabled', false, signal())).toBe(false);
    expect(valuesOf(await session.collect(['setPoint', 'enabled', 'heating'], signal()))).toEqual({
      setPoint: 23.5,
      enabled: false,
      heating: false,
    });
  });

  it('refuses what is out of range, and says so in words', async () => {
    const { port } = await startPlant();
    const session = await open(port, thermostat);
    await expect(session.apply('setPoint', 99, signal())).rejects.toMatchObject({
      code: 'DEVICE_REFUSED',
      message: 'illegal data value (3) writing holding register 0 of unit 1',
    });
    await expect(session.apply('setPoint', 9999, signal())).rejects.toThrow(/setPoint: 9999 does not fit/);
    await expect(session.apply('temperature', 20, signal())).rejects.toThrow(
      'temperature: input register 0 can only be read',
    );
  });

  it('shows a power meter with both word orders', async () => {
    const { port } = await startPlant();
    const input = (offset: number, visitor: Record<string, unknown>, type: PropertyModel['type'] = 'FLOAT') =>
      property(`at${offset}`, { type, visitor: { register: 'InputRegister', offset, ...visitor } });
    const session = await open(
      port,
      [
        input(0, { dataType: 'float32' }),
        input(2, { limit: 2 }),
        input(4, { dataType: 'float32', isRegisterSwap: true }),
        input(6, { dataType: 'uint64' }, 'INT'),
      ],
      { unit: 10 },
    );
    expect(valuesOf(await session.collect(['at0', 'at2', 'at4', 'at6'], signal()))).toEqual({
      at0: 230,
      at2: 4,
      at4: 920,
      at6: 1_234_567,
    });
  });

  it('is reached over one connection by all of its devices', async () => {
    const server = await scripted((request) => request.registers(request.unit));
    const mapper = startMapper();
    const sessions = await Promise.all(
      [1, 2, 3].map((unit) => open(server.port, [holding('a', 0)], { mapper, unit })),
    );
    const answers = await Promise.all(sessions.map((session) => session.collect(['a'], signal())));
    expect(answers.map(valuesOf)).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }]);
    expect(server.connections).toBe(1);
  });
});

/** Any frame: `cut` bytes are missing at its end, its length field is wrong by `offBy`, its transaction number by `other`. */
function frame(
  { transaction, socket }: ScriptedRequest,
  body: number[],
  cut = 0,
  offBy = 0,
  other = 0,
): void {
  const header = Buffer.alloc(6);
  header.writeUInt16BE((transaction + other) & 0xffff, 0);
  header.writeUInt16BE(Math.max(0, body.length + offBy), 4);
  const bytes = Buffer.concat([header, Buffer.from(body)]);
  socket.write(bytes.subarray(0, bytes.length + cut));
}

describe('a modbus device', () => {
  it('is asked with one request in flight, whoever asks', async () => {
    let inFlight = 0;
    let most = 0;
    const server = await scripted((request) => {
      most = Math.max(most, ++inFlight);
      setTimeout(() => {
        inFlight--;
        request.registers(7);
      }, 5);
    });
    const mapper = startMapper();
    const one = await open(server.port, [holding('a', 0), holding('b', 50)], { mapper, unit: 1 });
    const two = await open(server.port, [holding('a', 0)], { mapper, unit: 2 });
    await Promise.all([
      one.collect(['a', 'b'], signal()),
      two.collect(['a'], signal()),
      one.collect(['a'], signal()),
    ]);
    expect(most).toBe(1);
  });

  it('that never answers is a timeout within its own time', async () => {
    const server = await scripted(() => {});
    const session = await open(server.port, [holding('a', 0)], { timeoutMs: 80 });
    await expect(session.collect(['a'], signal())).rejects.toMatchObject({
      code: 'DEVICE_TIMEOUT',
      message: `no answer from 127.0.0.1:${server.port} within 80 ms reading holding register 0 of unit 1`,
    });
  });

  it('that answers too late is not believed: the next answer is the right one', async () => {
    let count = 0;
    const server = await scripted((request) => {
      const value = ++count;
      if (value === 1) setTimeout(() => request.registers(111), 350);
      else request.registers(222);
    });
    const session = await open(server.port, [holding('a', 0)], { timeoutMs: 300 });
    await expect(session.collect(['a'], signal())).rejects.toThrow('no answer');
    expect(valuesOf(await session.collect(['a'], signal()))).toEqual({ a: 222 });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(valuesOf(await session.collect(['a'], signal()))).toEqual({ a: 222 });
  });

  it('that leaves one register unanswered still gives the others', async () => {
    const server = await scripted((request) => {
      if (request.address !== 100) request.registers(5);
    });
    const session = await open(server.port, [holding('bad', 100), holding('good', 200)], { timeoutMs: 300 });
    const readings = await session.collect(['bad', 'good'], signal());
    expect(readings).toMatchObject([
      { property: 'bad', value: null, quality: 'BAD', raw: expect.stringContaining('no answer') },
      { property: 'good', value: 5, quality: 'GOOD' },
    ]);
  });

  it('with one illegal register still gives its neighbours, and is then asked without it', async () => {
    const server = await scripted((request) => {
      const last = request.address + request.count - 1;
      if (request.address <= 12 && last >= 12) request.exception(2);
      else request.registers(...Array.from({ length: request.count }, (_, index) => request.address + index));
    });
    const names = ['r10', 'r11', 'r12', 'r13'];
    const session = await open(
      server.port,
      names.map((name) => holding(name, Number(name.slice(1)))),
    );
    const readings = await session.collect(names, signal());
    expect(valuesOf(readings)).toEqual({ r10: 10, r11: 11, r12: null, r13: 13 });
    expect(readings.find(({ quality }) => quality === 'BAD')?.raw).toBe(
      'illegal data address (2) reading holding register 12 of unit 1',
    );
    const before = server.requests.length;
    expect(valuesOf(await session.collect(names, signal()))).toEqual({
      r10: 10,
      r11: 11,
      r12: null,
      r13: 13,
    });
    expect(server.requests.slice(before).map(({ address, count }) => [address, count])).toEqual([
      [10, 2],
      [13, 1],
      [12, 1],
    ]);
  });

  it('whose gateway cannot reach it does not answer', async () => {
    const server = await scripted((request) => request.exception(11));
    const session = await open(server.port, [holding('a', 0)]);
    await expect(session.collect(['a'], signal())).rejects.toMatchObject({
      code: 'DEVICE_TIMEOUT',
      message: 'gateway target device failed to respond (11) reading holding register 0 of unit 1',
    });
  });

  it.each([
    ['garbage', (request: ScriptedRequest) => void request.socket.write(Buffer.alloc(40, 0xff))],
    ['a short answer', (request: ScriptedRequest) => request.registers(1)],
    ['a wrong byte count', (request: ScriptedRequest) => request.reply(request.code, 2, 0, 1, 0, 2)],
    ['another function', (request: ScriptedRequest) => request.reply(0x10, 4, 0, 1, 0, 2)],
    ['the unit id of another', (request: ScriptedRequest) => frame(request, [9, 3, 4, 0, 1, 0, 2])],
    ['a frame that ends early', (request: ScriptedRequest) => frame(request, [1, 3, 4, 0, 1, 0, 2], -2)],
    ['more than it was asked for', (request: ScriptedRequest) => request.registers(1, 2, 3, 4)],
    ['a frame of nothing', (request: ScriptedRequest) => frame(request, [])],
    ['a unit id alone', (request: ScriptedRequest) => frame(request, [1])],
    ['an exception without a code', (request: ScriptedRequest) => frame(request, [1, 0x83])],
    ['another transaction', (request: ScriptedRequest) => frame(request, [1, 3, 4, 0, 1, 0, 2], 0, 0, 77)],
    [
      'half a frame and a reset',
      (request: ScriptedRequest) => {
        frame(request, [1, 3, 4, 0, 1, 0, 2], -4);
        request.socket.resetAndDestroy();
      },
    ],
    ['a reset', (request: ScriptedRequest) => void request.socket.resetAndDestroy()],
    ['a close', (request: ScriptedRequest) => void request.socket.end()],
  ])(
    'that answers with %s fails that once, and the next answer is the right one',
    async (_fault, misbehave) => {
      let count = 0;
      const server = await scripted((request) =>
        ++count === 1 ? misbehave(request) : request.registers(3, 4),
      );
      const session = await open(server.port, [holding('a', 0), holding('b', 1)]);
      await expect(session.collect(['a', 'b'], signal())).rejects.toMatchObject({
        code: expect.stringMatching(/^DEVICE_(TIMEOUT|UNREACHABLE)$/),
      });
      expect(valuesOf(await session.collect(['a', 'b'], signal()))).toEqual({ a: 3, b: 4 });
    },
  );

  it('that sends stray bytes after an answer is given a new connection, and nothing wrong is believed', async () => {
    let count = 0;
    const server = await scripted((request) =>
      ++count === 1 ? frame(request, [1, 3, 4, 0, 3, 0, 4, 7, 7], 0, -2) : request.registers(3, 4),
    );
    const session = await open(server.port, [holding('a', 0), holding('b', 1)]);
    const right = { a: 3, b: 4 };
    expect(valuesOf(await session.collect(['a', 'b'], signal()))).toEqual(right);
    await waitFor('a new connection', async () => {
      const readings = await session.collect(['a', 'b'], signal()).catch(() => []);
      expect(readings.length === 0 ? right : valuesOf(readings)).toEqual(right);
      return server.connections === 2 && readings.length === 2;
    });
  });

  it('that was swapped for one with fewer registers gives those that it has, and the rest again when it is back', async () => {
    let registers = 10;
    const server = await scripted((request) =>
      request.address + request.count > registers
        ? request.exception(2)
        : request.registers(...Array.from({ length: request.count }, (_, n) => request.address + n)),
    );
    const session = await open(server.port, [holding('a', 0), holding('b', 2), holding('c', 8)]);
    expect(valuesOf(await session.collect(['a', 'b', 'c'], signal()))).toEqual({ a: 0, b: 2, c: 8 });
    registers = 4;
    for (let round = 0; round < 2; round++) {
      expect(await session.collect(['a', 'b', 'c'], signal())).toMatchObject([
        { property: 'a', value: 0, quality: 'GOOD' },
        { property: 'b', value: 2, quality: 'GOOD' },
        { property: 'c', value: null, quality: 'BAD', raw: expect.stringContaining('illegal data address') },
      ]);
    }
    registers = 10;
    expect(valuesOf(await session.collect(['a', 'b', 'c'], signal()))).toEqual({ a: 0, b: 2, c: 8 });
  });

  it('that answers byte by byte is understood', async () => {
    const server = await scripted((request) => {
      const frame = Buffer.from([0, 0, 0, 0, 0, 5, request.unit, 3, 2, 0, 9]);
      // The first transaction of a connection has id 1.
      frame.writeUInt16BE(1, 0);
      frame.forEach((byte, index) => {
        setTimeout(() => request.socket.write(Buffer.from([byte])), index * 2);
      });
    });
    const session = await open(server.port, [holding('a', 0)], { timeoutMs: 1_000 });
    expect(valuesOf(await session.collect(['a'], signal()))).toEqual({ a: 9 });
  });

  it('that restarts on its port is found again', async () => {
    const first = await startScriptedServer((request) => request.registers(1));
    const session = await open(first.port, [holding('a', 0)]);
    expect(valuesOf(await session.collect(['a'], signal()))).toEqual({ a: 1 });
    await first.close();
    await expect(session.collect(['a'], signal())).rejects.toMatchObject({
      code: 'DEVICE_UNREACHABLE',
      message: expect.stringContaining(`127.0.0.1:${first.port}`),
    });
    await scripted((request) => request.registers(2), first.port);
    expect(valuesOf(await session.collect(['a'], signal()))).toEqual({ a: 2 });
  });

  it('that vanished without a word is given a new connection', async () => {
    let mute = true;
    const server = await scripted((request) => {
      if (!mute) request.registers(1);
    });
    const session = await open(server.port, [holding('a', 0)], { timeoutMs: 200 });
    for (let attempt = 0; attempt < 3; attempt++)
      await expect(session.collect(['a'], signal())).rejects.toThrow();
    mute = false;
    await session.collect(['a'], signal());
    expect(server.connections).toBe(2);
  });

  it('gets one bit written without a change of its neighbours', async () => {
    let register = 0b1000_0000_0000_0001;
    const server = await scripted((request) => {
      if (request.code === 6) {
        register = request.count;
        request.reply(6, request.address >> 8, request.address & 255, register >> 8, register & 255);
      } else request.registers(register);
    });
    const session = await open(server.port, [
      holding('flag', 4, { type: 'BOOLEAN', visitor: { dataType: 'bit', bit: 3 } }),
    ]);
    expect(await session.apply('flag', true, signal())).toBe(true);
    expect(register).toBe(0b1000_0000_0000_1001);
  });

  it('without a visitor for a property does not read it', async () => {
    const server = await scripted((request) => request.registers(1));
    const session = await open(server.port, [holding('a', 0), property('virtual')]);
    expect(valuesOf(await session.collect(['a', 'virtual'], signal()))).toEqual({ a: 1 });
    await expect(session.apply('virtual', 1, signal())).rejects.toThrow('virtual has no visitor');
  });

  it('is let go of when the last of its sessions closes', async () => {
    const server = await scripted((request) => request.registers(1));
    const mapper = startMapper();
    const one = await open(server.port, [holding('a', 0)], { mapper, unit: 1 });
    const two = await open(server.port, [holding('a', 0)], { mapper, unit: 2 });
    await one.collect(['a'], signal());
    await one.close();
    await one.close();
    expect(valuesOf(await two.collect(['a'], signal()))).toEqual({ a: 1 });
    await two.close();
    await expect(two.collect(['a'], signal())).rejects.toMatchObject({ code: 'DEVICE_UNREACHABLE' });
    expect(server.connections).toBe(1);
  });

  it('that knows only the functions for several values is written with those, from then on', async () => {
    const registers = [7];
    const server = await scripted((request) => {
      if (request.code === 6) request.exception(1);
      else if (request.code === 16) {
        registers[0] = 21;
        request.reply(16, 0, 0, 0, 1);
      } else request.registers(...registers);
    });
    const session = await open(server.port, [holding('x', 0)]);
    expect(await session.apply('x', 21, signal())).toBe(21);
    expect(await session.apply('x', 21, signal())).toBe(21);
    expect(server.requests.map(({ code }) => code)).toEqual([6, 16, 3, 16, 3]);
  });

  it('is not asked to take more registers at once than a request can carry', async () => {
    const server = await scripted((request) => request.registers(0));
    const session = await open(server.port, [
      holding('text', 0, { type: 'STRING', visitor: { limit: 124 } }),
    ]);
    await expect(session.apply('text', 'x', signal())).rejects.toMatchObject({
      code: 'DEVICE_REFUSED',
      message: 'text: holding registers 0..123 cannot be written at once: at most 123',
    });
  });
});
