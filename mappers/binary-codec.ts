import { OctographError } from '../lib/errors.ts';
import type { TwinValue, ValueType } from '../twin/value.ts';
import { shortestFloat32 } from './float32.ts';

/** Bytes that a number of each format fills. */
export const NUMBER_BYTES = {
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  uint64: 8,
  float32: 4,
  float64: 8,
} as const;
export type NumberFormat = keyof typeof NUMBER_BYTES;

/** How bytes become a value; `bit`: some bits of a 16-bit word. */
export type BinaryFormat = NumberFormat | 'bit' | 'string' | 'bytes';

/** A value in bytes: of registers, or of a message. */
export interface BinaryField {
  property: string;
  type: ValueType;
  format: BinaryFormat;
  byteLength: number;
  /** For format `bit`: the lowest bit of the word that carries the value, 0 is the least significant; and how many do. */
  bit: number;
  bits: number;
  /** Bytes are swapped within each 16-bit word. */
  isSwap: boolean;
  /** Words come in reverse order. */
  isRegisterSwap: boolean;
  /** value = raw × scale + shift */
  scale: number;
  shift: number;
}

type Raw = number | bigint;

interface NumberCodec {
  read(bytes: Buffer): Raw;
  write(bytes: Buffer, raw: Raw): unknown;
  /** Of integers; a float has its own limits. */
  range?: readonly [min: Raw, max: Raw];
}

const NUMBERS: Record<NumberFormat, NumberCodec> = {
  int8: {
    read: (bytes) => bytes.readInt8(),
    write: (bytes, raw) => bytes.writeInt8(Number(raw)),
    range: [-128, 127],
  },
  uint8: {
    read: (bytes) => bytes.readUInt8(),
    write: (bytes, raw) => bytes.writeUInt8(Number(raw)),
    range: [0, 255],
  },
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

/** What bytes, big-endian as they came, say. NaN and infinities come as they are. */
export function decodeBinary(field: BinaryField, wire: Buffer): TwinValue {
  const bytes = reorder(field, wire);
  switch (field.format) {
    case 'string':
      return textOf(bytes);
    case 'bytes':
      return bytes.toString('base64');
    case 'bit':
      return asType(field, (bytes.readUInt16BE() >> field.bit) & maskOf(field));
    default:
      return asType(field, scaled(NUMBERS[field.format].read(bytes), field));
  }
}

/**
 * The bytes that say `value`; the inverse of `decodeBinary` as far as the format can hold it.
 * @param current what stands there now; needed for bits only, whose neighbours are to stay.
 * @throws OctographError `DEVICE_REFUSED` where the value does not fit.
 */
export function encodeBinary(field: BinaryField, value: TwinValue, current?: Buffer): Buffer {
  const bytes = Buffer.alloc(field.byteLength);
  switch (field.format) {
    case 'string':
      writeText(field, bytes, String(value));
      break;
    case 'bytes':
      writeBytes(field, bytes, Buffer.from(String(value), 'base64'));
      break;
    case 'bit': {
      const word = current ? reorder(field, current).readUInt16BE() : 0;
      const mask = maskOf(field) << field.bit;
      bytes.writeUInt16BE(((word & ~mask) | (bitsOf(field, value) << field.bit)) & 0xffff);
      break;
    }
    default:
      NUMBERS[field.format].write(bytes, rawOf(field, field.format, value));
  }
  return reorder(field, bytes);
}

/** [KubeEdge] isRegisterSwap reverses the registers, isSwap the bytes within each. It is its own inverse. */
function reorder({ isSwap, isRegisterSwap }: BinaryField, bytes: Buffer): Buffer {
  const ordered = Buffer.from(bytes);
  if (isRegisterSwap) ordered.reverse();
  // Reversing all bytes reversed those within each register too.
  if (isSwap !== isRegisterSwap && ordered.length % 2 === 0) ordered.swap16();
  return ordered;
}

function rawOf(field: BinaryField, format: NumberFormat, value: TwinValue): Raw {
  const number = numberOf(field, value);
  const { range } = NUMBERS[format];
  const unscaled = isPlain(field) ? number : tidy((Number(number) - field.shift) / field.scale);
  if (!range) {
    const float = Number(unscaled);
    if (format === 'float32' && Number.isFinite(float) && !Number.isFinite(Math.fround(float))) {
      return refuse(field, value, '±3.4e38, as a float32 holds');
    }
    return float;
  }
  const raw = typeof unscaled === 'bigint' ? unscaled : Math.round(unscaled);
  if (raw >= range[0] && raw <= range[1]) return raw;
  return refuse(
    field,
    value,
    `${range[0]}..${range[1]} (${format}); at scale ${field.scale}${field.shift ? ` and shift ${field.shift}` : ''} it is ${raw}`,
  );
}

export function numberOf(field: Pick<BinaryField, 'property'>, value: TwinValue): Raw {
  if (typeof value === 'string' && /^-?\d+$/.test(value)) return BigInt(value);
  const number = value === null || value === '' ? Number.NaN : Number(value);
  return Number.isNaN(number) ? refuse(field, value, 'a number') : number;
}

export function isTrue(field: Pick<BinaryField, 'property'>, value: TwinValue): boolean {
  if (value === true || value === 1) return true;
  if (value === false || value === 0) return false;
  return refuse(field, value, 'true or false');
}

const isPlain = ({ scale, shift }: BinaryField) => scale === 1 && shift === 0;

const scaled = (raw: Raw, field: BinaryField): Raw =>
  isPlain(field) ? raw : tidy(Number(raw) * field.scale + field.shift);

const maskOf = ({ bits }: BinaryField) => 2 ** bits - 1;

function bitsOf(field: BinaryField, value: TwinValue): number {
  if (field.bits === 1) return isTrue(field, value) ? 1 : 0;
  const raw = Number(numberOf(field, value));
  if (Number.isInteger(raw) && raw >= 0 && raw <= maskOf(field)) return raw;
  return refuse(field, value, `0..${maskOf(field)}, in ${field.bits} bits`);
}

/** Without the noise of binary fractions: 213 × 0.1 is 21.3. */
const tidy = (number: number) => Number(number.toPrecision(15));

/** A raw number as the property's type shows it. */
export function asType({ type }: Pick<BinaryField, 'type'>, raw: Raw): TwinValue {
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

function writeText(field: BinaryField, bytes: Buffer, text: string): void {
  if (Buffer.byteLength(text) > bytes.length) refuse(field, text, `text of at most ${bytes.length} bytes`);
  bytes.write(text);
}

function writeBytes(field: BinaryField, bytes: Buffer, value: Buffer): void {
  if (value.length !== bytes.length) {
    refuse(field, value.toString('base64'), `${bytes.length} bytes, got ${value.length}`);
  }
  value.copy(bytes);
}

/** @throws OctographError `DEVICE_REFUSED` naming property, value and expectation */
export function refuse(field: Pick<BinaryField, 'property'>, value: TwinValue, expectation: string): never {
  throw new OctographError(
    'DEVICE_REFUSED',
    `${field.property}: ${JSON.stringify(value)} does not fit; expected ${expectation}`,
  );
}
