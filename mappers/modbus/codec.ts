import { OctographError } from '../../lib/errors.ts';
import type { TwinValue } from '../../twin/value.ts';
import { shortestFloat32 } from '../float32.ts';
import type { ModbusVisitor, NumberFormat } from './visitor.ts';

type Raw = number | bigint;

interface NumberCodec {
  read(bytes: Buffer): Raw;
  write(bytes: Buffer, raw: Raw): unknown;
  /** Of integers; a float has its own limits. */
  range?: readonly [min: Raw, max: Raw];
}

const NUMBERS: Record<NumberFormat, NumberCodec> = {
  int16: {
    read: (bytes) => bytes.readInt16BE(),
    write: (bytes, raw) => bytes.writeInt16BE(Number(raw)),
    range: [-32_768, 32_767],
  },
  uint16: {
    read: (bytes) => bytes.readUInt16BE(),
    write: (bytes, raw) => bytes.writeUInt16BE(Number(raw)),
    range: [0, 65_535],
  },
  int32: {
    read: (bytes) => bytes.readInt32BE(),
    write: (bytes, raw) => bytes.writeInt32BE(Number(raw)),
    range: [-(2 ** 31), 2 ** 31 - 1],
  },
  uint32: {
    read: (bytes) => bytes.readUInt32BE(),
    write: (bytes, raw) => bytes.writeUInt32BE(Number(raw)),
    range: [0, 2 ** 32 - 1],
  },
  int64: {
    read: (bytes) => bytes.readBigInt64BE(),
    write: (bytes, raw) => bytes.writeBigInt64BE(BigInt(raw)),
    range: [-(2n ** 63n), 2n ** 63n - 1n],
  },
  uint64: {
    read: (bytes) => bytes.readBigUInt64BE(),
    write: (bytes, raw) => bytes.writeBigUInt64BE(BigInt(raw)),
    range: [0, 2n ** 64n - 1n],
  },
  float32: {
    read: (bytes) => shortestFloat32(bytes.readFloatBE()),
    write: (bytes, raw) => bytes.writeFloatBE(Number(raw)),
  },
  float64: {
    read: (bytes) => bytes.readDoubleBE(),
    write: (bytes, raw) => bytes.writeDoubleBE(Number(raw)),
  },
};

/** What the registers of a span, big-endian as they came, say. NaN and infinities come as they are. */
export function decodeRegisters(visitor: ModbusVisitor, wire: Buffer): TwinValue {
  const bytes = reorder(visitor, wire);
  switch (visitor.format) {
    case 'string':
      return textOf(bytes);
    case 'bytes':
      return bytes.toString('base64');
    case 'bit':
      return asType(visitor, (bytes.readUInt16BE() >> visitor.bit) & 1);
    default:
      return asType(visitor, scaled(NUMBERS[visitor.format].read(bytes), visitor.scale));
  }
}

/**
 * The registers that say `value`; the inverse of `decodeRegisters` as far as the format can hold it.
 * @param current what the registers hold now; needed for a single bit only.
 * @throws OctographError `DEVICE_REFUSED` where the value does not fit.
 */
export function encodeRegisters(visitor: ModbusVisitor, value: TwinValue, current?: Buffer): Buffer {
  const bytes = Buffer.alloc(visitor.count * 2);
  switch (visitor.format) {
    case 'string':
      writeText(visitor, bytes, String(value));
      break;
    case 'bytes':
      writeBytes(visitor, bytes, Buffer.from(String(value), 'base64'));
      break;
    case 'bit': {
      const register = current ? reorder(visitor, current).readUInt16BE() : 0;
      const mask = 1 << visitor.bit;
      bytes.writeUInt16BE((isTrue(visitor, value) ? register | mask : register & ~mask) & 0xffff);
      break;
    }
    default:
      NUMBERS[visitor.format].write(bytes, rawOf(visitor, visitor.format, value));
  }
  return reorder(visitor, bytes);
}

/** One bit as it is, several as a number whose bit 0 is the first. */
export function decodeBits(visitor: ModbusVisitor, bits: readonly boolean[]): TwinValue {
  if (visitor.count === 1) return asType(visitor, Number(bits[0]));
  return asType(
    visitor,
    bits.reduce((sum, bit, index) => sum + (bit ? 2 ** index : 0), 0),
  );
}

/** @throws OctographError `DEVICE_REFUSED` where the value has more bits than there are. */
export function encodeBits(visitor: ModbusVisitor, value: TwinValue): boolean[] {
  if (visitor.count === 1) return [isTrue(visitor, value)];
  const pattern = Number(numberOf(visitor, value));
  if (!Number.isInteger(pattern) || pattern < 0 || pattern >= 2 ** visitor.count) {
    return refuse(visitor, value, `0..${2 ** visitor.count - 1}, in ${visitor.count} bits`);
  }
  return Array.from({ length: visitor.count }, (_, index) => Math.floor(pattern / 2 ** index) % 2 === 1);
}

/** [KubeEdge] isRegisterSwap reverses the registers, isSwap the bytes within each. It is its own inverse. */
function reorder({ isSwap, isRegisterSwap }: ModbusVisitor, bytes: Buffer): Buffer {
  const ordered = Buffer.from(bytes);
  if (isRegisterSwap) ordered.reverse();
  // Reversing all bytes reversed those within each register too.
  if (isSwap !== isRegisterSwap) ordered.swap16();
  return ordered;
}

function rawOf(visitor: ModbusVisitor, format: NumberFormat, value: TwinValue): Raw {
  const number = numberOf(visitor, value);
  const { range } = NUMBERS[format];
  const unscaled = visitor.scale === 1 ? number : tidy(Number(number) / visitor.scale);
  if (!range) {
    const float = Number(unscaled);
    if (format === 'float32' && Number.isFinite(float) && !Number.isFinite(Math.fround(float))) {
      return refuse(visitor, value, '±3.4e38, as a float32 holds');
    }
    return float;
  }
  const raw = typeof unscaled === 'bigint' ? unscaled : Math.round(unscaled);
  if (raw >= range[0] && raw <= range[1]) return raw;
  return refuse(
    visitor,
    value,
    `${range[0]}..${range[1]} (${format}); at scale ${visitor.scale} it is ${raw}`,
  );
}

function numberOf(visitor: ModbusVisitor, value: TwinValue): Raw {
  if (typeof value === 'string' && /^-?\d+$/.test(value)) return BigInt(value);
  const number = value === null || value === '' ? Number.NaN : Number(value);
  return Number.isNaN(number) ? refuse(visitor, value, 'a number') : number;
}

function isTrue(visitor: ModbusVisitor, value: TwinValue): boolean {
  if (value === true || value === 1) return true;
  if (value === false || value === 0) return false;
  return refuse(visitor, value, 'true or false');
}

const scaled = (raw: Raw, scale: number): Raw => (scale === 1 ? raw : tidy(Number(raw) * scale));

/** Without the noise of binary fractions: 213 × 0.1 is 21.3. */
const tidy = (number: number) => Number(number.toPrecision(15));

function asType({ type }: ModbusVisitor, raw: Raw): TwinValue {
  switch (type) {
    case 'BOOLEAN':
      return Number(raw) !== 0;
    case 'INT':
      // As KubeEdge does: an INT keeps the whole part of what scale makes of it.
      return typeof raw === 'bigint' ? integerOf(raw) : unsignedZero(Math.trunc(raw));
    case 'FLOAT':
    case 'DOUBLE':
      return unsignedZero(Number(raw));
    case 'STRING':
    case 'BYTES':
    case 'STREAM':
      return String(raw);
  }
}

/** -0 equals 0 for everybody but `Object.is`. */
const unsignedZero = (number: number) => number + 0;

const integerOf = (raw: bigint): TwinValue =>
  Number.isSafeInteger(Number(raw)) ? Number(raw) : raw.toString();

function textOf(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end);
}

function writeText(visitor: ModbusVisitor, bytes: Buffer, text: string): void {
  if (Buffer.byteLength(text) > bytes.length) refuse(visitor, text, `text of at most ${bytes.length} bytes`);
  bytes.write(text);
}

function writeBytes(visitor: ModbusVisitor, bytes: Buffer, value: Buffer): void {
  if (value.length !== bytes.length) {
    refuse(visitor, value.toString('base64'), `${bytes.length} bytes, got ${value.length}`);
  }
  value.copy(bytes);
}

function refuse(visitor: ModbusVisitor, value: TwinValue, expectation: string): never {
  throw new OctographError(
    'DEVICE_REFUSED',
    `${visitor.property}: ${JSON.stringify(value)} does not fit; expected ${expectation}`,
  );
}
