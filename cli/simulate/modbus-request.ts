import type { ModbusUnit, RegisterTable, WriteOutcome } from './modbus-unit.ts';

/** Source: Modbus Application Protocol 1.1b3, section 7. */
const ILLEGAL_FUNCTION = 1;
const ILLEGAL_ADDRESS = 2;
const ILLEGAL_VALUE = 3;

/** Answers one request, function code first, with a response or an exception of the same form. */
export function answerRequest(unit: ModbusUnit, request: Buffer): Buffer {
  const code = request[0] ?? 0;
  const answer = handle(unit, code, request.subarray(1));
  return typeof answer === 'number'
    ? Buffer.from([code | 0x80, answer])
    : Buffer.concat([Buffer.from([code]), answer]);
}

function handle(unit: ModbusUnit, code: number, body: Buffer): Buffer | number {
  if (body.length < 4) return ILLEGAL_VALUE;
  switch (code) {
    case 1:
      return readBits(unit, 'coil', body);
    case 2:
      return readBits(unit, 'discrete', body);
    case 3:
      return readRegisters(unit, 'holding', body);
    case 4:
      return readRegisters(unit, 'input', body);
    case 5:
      return writeCoil(unit, body);
    case 6:
      return exceptionOf(unit.write('holding', body.readUInt16BE(0), body.readUInt16BE(2))) ?? body;
    case 15:
      return writeMany(
        unit,
        'coil',
        body,
        1968,
        (index) => ((body[5 + (index >> 3)] ?? 0) >> (index & 7)) & 1,
      );
    case 16:
      return writeMany(unit, 'holding', body, 123, (index) => body.readUInt16BE(5 + index * 2));
    default:
      return ILLEGAL_FUNCTION;
  }
}

function readBits(unit: ModbusUnit, table: RegisterTable, body: Buffer): Buffer | number {
  const values = readAll(unit, table, body, 2000);
  if (typeof values === 'number') return values;
  const bytes = Buffer.alloc(Math.ceil(values.length / 8));
  values.forEach((bit, index) => {
    bytes[index >> 3] = (bytes[index >> 3] ?? 0) | (bit << (index & 7));
  });
  return Buffer.concat([Buffer.from([bytes.length]), bytes]);
}

function readRegisters(unit: ModbusUnit, table: RegisterTable, body: Buffer): Buffer | number {
  const values = readAll(unit, table, body, 125);
  if (typeof values === 'number') return values;
  const bytes = Buffer.alloc(values.length * 2);
  values.forEach((value, index) => {
    bytes.writeUInt16BE(value, index * 2);
  });
  return Buffer.concat([Buffer.from([bytes.length]), bytes]);
}

function readAll(unit: ModbusUnit, table: RegisterTable, body: Buffer, max: number): number[] | number {
  const address = body.readUInt16BE(0);
  const count = body.readUInt16BE(2);
  if (count < 1 || count > max) return ILLEGAL_VALUE;
  const values: number[] = [];
  for (let index = 0; index < count; index++) {
    const value = unit.read(table, address + index);
    if (value === undefined) return ILLEGAL_ADDRESS;
    values.push(value);
  }
  return values;
}

function writeCoil(unit: ModbusUnit, body: Buffer): Buffer | number {
  const value = body.readUInt16BE(2);
  if (value !== 0 && value !== 0xff00) return ILLEGAL_VALUE;
  return exceptionOf(unit.write('coil', body.readUInt16BE(0), value === 0 ? 0 : 1)) ?? body;
}

function writeMany(
  unit: ModbusUnit,
  table: 'coil' | 'holding',
  body: Buffer,
  max: number,
  valueAt: (index: number) => number,
): Buffer | number {
  const address = body.readUInt16BE(0);
  const count = body.readUInt16BE(2);
  const bytes = table === 'coil' ? Math.ceil(count / 8) : count * 2;
  if (count < 1 || count > max || body[4] !== bytes || body.length !== 5 + bytes) return ILLEGAL_VALUE;
  for (let index = 0; index < count; index++) {
    const exception = exceptionOf(unit.write(table, address + index, valueAt(index)));
    if (exception !== undefined) return exception;
  }
  return body.subarray(0, 4);
}

function exceptionOf(outcome: WriteOutcome): number | undefined {
  switch (outcome) {
    case 'written':
      return undefined;
    case 'no such address':
      return ILLEGAL_ADDRESS;
    case 'value out of range':
      return ILLEGAL_VALUE;
  }
}
