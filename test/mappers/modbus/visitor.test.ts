import { describe, expect, it } from 'vitest';
import { parseAddress } from '../../../mappers/modbus/endpoint.ts';
import { parseVisitor } from '../../../mappers/modbus/visitor.ts';
import type { PropertyModel } from '../../../twin/model.ts';
import { property } from '../models.ts';

const parse = (visitor: Record<string, unknown>, fields: Partial<PropertyModel> = {}) =>
  parseVisitor(property('temperature', { visitor, ...fields }), 'default/boiler');

const holding = { register: 'HoldingRegister', offset: 3 };

describe('a visitor', () => {
  it("takes KubeEdge's fields, numbers and booleans as text too, whatever the case of the register", () => {
    expect(
      parse(
        {
          register: 'holdingregister',
          offset: '3',
          limit: '2',
          scale: '0.1',
          isSwap: 'true',
          isRegisterSwap: true,
        },
        { type: 'INT' },
      ),
    ).toEqual({
      property: 'temperature',
      type: 'INT',
      kind: 'HoldingRegister',
      address: 3,
      count: 2,
      format: 'uint32',
      bit: 0,
      isSwap: true,
      isRegisterSwap: true,
      scale: 0.1,
      byteLength: 4,
      bits: 1,
      shift: 0,
    });
  });

  it.each([
    ['INT', { ...holding, limit: 1 }, 'uint16', 1],
    ['INT', { ...holding, limit: 4 }, 'uint64', 4],
    ['INT', { ...holding, dataType: 'int32' }, 'int32', 2],
    ['INT', { ...holding, dataType: 'int' }, 'uint16', 1],
    ['FLOAT', { ...holding, limit: 1, scale: 0.1 }, 'uint16', 1],
    ['FLOAT', { ...holding, limit: 2 }, 'float32', 2],
    ['DOUBLE', { ...holding, limit: 4 }, 'float64', 4],
    ['DOUBLE', { ...holding, dataType: 'Float32' }, 'float32', 2],
    ['BOOLEAN', { ...holding, bit: 3 }, 'bit', 1],
    ['BOOLEAN', { register: 'CoilRegister', offset: 3 }, 'bit', 1],
    ['INT', { register: 'CoilRegister', offset: 3, limit: 8 }, 'bit', 8],
    ['STRING', { ...holding, limit: 8 }, 'string', 8],
    ['BYTES', { ...holding, limit: 2 }, 'bytes', 2],
  ] as const)('of a %s with %o means %s in %i registers', (type, visitor, format, count) => {
    expect(parse(visitor, { type })).toMatchObject({ format, count });
  });

  it('is signed where the model has values below zero', () => {
    expect(parse({ ...holding, limit: 1 }, { type: 'INT', minimum: -40 })).toMatchObject({ format: 'int16' });
  });

  it('may be missing: the property is then not read', () => {
    expect(parse({})).toBeUndefined();
  });

  it.each([
    [{ offset: 3 }, 'default/boiler, property temperature: register must be one of CoilRegister'],
    [{ ...holding, register: 'Register' }, 'register must be one of CoilRegister, DiscreteInputRegister'],
    [{ register: 'HoldingRegister' }, 'offset must be an integer from 0 to 65535; it is missing'],
    [{ ...holding, offset: -1 }, 'offset must be an integer from 0 to 65535; got -1'],
    [{ ...holding, offset: 65_535, limit: 2 }, 'offset must be at most 65534'],
    [{ ...holding, limit: 126 }, 'limit must be an integer from 0 to 125; got 126'],
    [{ ...holding, limit: 3 }, 'limit must be 1, 2 or 4'],
    [{ ...holding, dataType: 'float32', limit: 4 }, 'limit must be 2 for float32; got 4'],
    [{ ...holding, dataType: 'int24' }, 'dataType must be one of int16'],
    [{ ...holding, dataType: 'bit', bit: 16 }, 'bit must be an integer from 0 to 15'],
    [{ ...holding, scale: 'ten' }, 'scale must be a number; got "ten"'],
    [{ ...holding, isSwap: 'yes' }, 'isSwap must be true or false'],
    [{ register: 'CoilRegister', offset: 0, limit: 33 }, 'limit must be at most 32 bits'],
  ])('%o is refused by name', (visitor, message) => {
    expect(() => parse(visitor)).toThrow(message);
    expect(() => parse(visitor)).toThrow(expect.objectContaining({ code: 'MAPPER_CONFIG' }));
  });
});

describe("a device's address", () => {
  it("takes the fields of KubeEdge's modbus mapper", () => {
    expect(parseAddress({ communicateMode: 'TCP', ip: '10.0.0.7', port: '1502', slaveID: 3 }, 'd')).toEqual({
      endpoint: { kind: 'tcp', host: '10.0.0.7', port: 1502 },
      unit: 3,
      timeoutMs: 1000,
    });
  });

  it('defaults to port 502 and unit 1, and takes host, unitId and timeoutMs', () => {
    expect(parseAddress({ host: 'plc' }, 'd')).toMatchObject({
      endpoint: { kind: 'tcp', host: 'plc', port: 502 },
      unit: 1,
    });
    expect(parseAddress({ host: 'plc', unitId: 9, timeoutMs: 250 }, 'd')).toMatchObject({
      unit: 9,
      timeoutMs: 250,
    });
  });

  it('may be a serial bus', () => {
    expect(parseAddress({ serialName: '/dev/ttyS0', baudRate: 19200, parity: 'Even' }, 'd').endpoint).toEqual(
      {
        kind: 'rtu',
        path: '/dev/ttyS0',
        baudRate: 19_200,
        dataBits: 8,
        stopBits: 1,
        parity: 'even',
      },
    );
  });

  it('is refused by name', () => {
    expect(() => parseAddress({ port: 502 }, 'default/boiler')).toThrow(
      'default/boiler: ip must be text; it is missing',
    );
    expect(() => parseAddress({ ip: 'x', port: 70_000 }, 'd')).toThrow(
      'port must be an integer from 1 to 65535',
    );
    expect(() => parseAddress({ ip: 'x', slaveID: 256 }, 'd')).toThrow(
      'slaveID must be an integer from 0 to 255',
    );
  });
});
