import { OctographError } from '../../lib/errors.ts';
import type { Quality, TwinValue, ValueType } from '../../twin/value.ts';
import { shortestFloat32 } from '../float32.ts';

/** The built-in types that a value of ours can become. Source: OPC 10000-6, table 1. */
export const BUILT_IN = {
  Boolean: 1,
  SByte: 2,
  Byte: 3,
  Int16: 4,
  UInt16: 5,
  Int32: 6,
  UInt32: 7,
  Int64: 8,
  UInt64: 9,
  Float: 10,
  Double: 11,
  String: 12,
  DateTime: 13,
  Guid: 14,
  ByteString: 15,
  XmlElement: 16,
  NodeId: 17,
  StatusCode: 19,
  QualifiedName: 20,
  LocalizedText: 21,
} as const;
const NAMES = new Map<number, string>(Object.entries(BUILT_IN).map(([name, id]) => [id, name]));

/** As node-opcua has it: 64-bit integers are pairs of 32 bits, high first. */
export interface OpcuaVariant {
  dataType: number;
  isScalar: boolean;
  value: unknown;
}

const RANGES: Record<number, readonly [min: bigint, max: bigint]> = {
  [BUILT_IN.SByte]: [-128n, 127n],
  [BUILT_IN.Byte]: [0n, 255n],
  [BUILT_IN.Int16]: [-32_768n, 32_767n],
  [BUILT_IN.UInt16]: [0n, 65_535n],
  [BUILT_IN.Int32]: [-(2n ** 31n), 2n ** 31n - 1n],
  [BUILT_IN.UInt32]: [0n, 2n ** 32n - 1n],
  [BUILT_IN.Int64]: [-(2n ** 63n), 2n ** 63n - 1n],
  [BUILT_IN.UInt64]: [0n, 2n ** 64n - 1n],
};

/** The two highest bits of a status code are its severity. Source: OPC 10000-4, 7.39. */
export function qualityOf(statusCode: number): Quality {
  const severity = statusCode >>> 30;
  return severity === 0 ? 'GOOD' : severity === 1 ? 'UNCERTAIN' : 'BAD';
}

/** A value as a property of `type` shows it; what does not fit the type comes as it is. Arrays and structures are JSON text. */
export function decodeVariant(variant: OpcuaVariant, type: ValueType): TwinValue {
  const value = variant.isScalar ? decodeScalar(variant, type) : decodeArray(variant);
  return type === 'STRING' && value !== null ? String(value) : value;
}

/**
 * What a node of the built-in type `dataType` is written with; the inverse of `decodeVariant`.
 * @param name of node or argument, for messages
 * @throws OctographError `DEVICE_REFUSED` where the value does not fit the type
 */
export function encodeVariant(dataType: number, value: TwinValue, name: string): OpcuaVariant {
  return { dataType, isScalar: true, value: encodeScalar(dataType, value, name) };
}

function decodeScalar({ dataType, value }: OpcuaVariant, type: ValueType): TwinValue {
  if (value === null || value === undefined) return null;
  switch (dataType) {
    case BUILT_IN.Boolean:
      return Boolean(value);
    case BUILT_IN.Float:
      return shortestFloat32(Number(value));
    case BUILT_IN.Int64:
      return integerOf(BigInt.asIntN(64, joinHalves(value)));
    case BUILT_IN.UInt64:
      return integerOf(joinHalves(value));
    case BUILT_IN.DateTime:
      return type === 'INT' ? (value as Date).getTime() : (value as Date).toISOString();
    case BUILT_IN.ByteString:
      return Buffer.from(value as Uint8Array).toString('base64');
    case BUILT_IN.LocalizedText:
      return (value as { text: string | null }).text;
    default:
      if (typeof value === 'number' || typeof value === 'string') return value;
      return NAMES.has(dataType) ? String(value) : JSON.stringify(value);
  }
}

function decodeArray({ dataType, value }: OpcuaVariant): string {
  const elements = Array.from(value as Iterable<unknown>, (element) =>
    decodeScalar({ dataType, isScalar: true, value: element }, 'STRING'),
  );
  return JSON.stringify(elements);
}

function encodeScalar(dataType: number, value: TwinValue, name: string): unknown {
  const refuse = (expectation: string): never => {
    throw new OctographError(
      'DEVICE_REFUSED',
      `${name}: ${JSON.stringify(value)} does not fit; expected ${expectation}`,
    );
  };
  const range = RANGES[dataType];
  if (range) {
    const integer = toInteger(value);
    if (integer === undefined || integer < range[0] || integer > range[1])
      return refuse(`an integer ${range[0]}..${range[1]} (${NAMES.get(dataType)})`);
    const isWide = dataType === BUILT_IN.Int64 || dataType === BUILT_IN.UInt64;
    return isWide ? splitHalves(integer) : Number(integer);
  }
  switch (dataType) {
    case BUILT_IN.Boolean:
      return typeof value === 'boolean' ? value : refuse('true or false (Boolean)');
    case BUILT_IN.Float:
      return typeof value === 'number' && Number.isFinite(Math.fround(value))
        ? value
        : refuse('a number within ±3.4e38 (Float)');
    case BUILT_IN.Double:
      return typeof value === 'number' ? value : refuse('a number (Double)');
    case BUILT_IN.String:
    case BUILT_IN.XmlElement:
    case BUILT_IN.Guid:
      return typeof value === 'string' ? value : refuse(`text (${NAMES.get(dataType)})`);
    case BUILT_IN.LocalizedText:
      return typeof value === 'string' ? { text: value } : refuse('text (LocalizedText)');
    case BUILT_IN.DateTime: {
      const date = new Date(typeof value === 'number' ? value : String(value));
      return Number.isNaN(date.getTime())
        ? refuse('an ISO date, or milliseconds since 1970 (DateTime)')
        : date;
    }
    case BUILT_IN.ByteString:
      return typeof value === 'string' ? Buffer.from(value, 'base64') : refuse('base64 text (ByteString)');
    default:
      return refuse(`nothing: data type ${dataType} cannot be written`);
  }
}

function toInteger(value: TwinValue): bigint | undefined {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : undefined;
  return typeof value === 'string' && /^-?\d+$/.test(value) ? BigInt(value) : undefined;
}

function joinHalves(value: unknown): bigint {
  const [high = 0, low = 0] = value as [number, number];
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}

const splitHalves = (value: bigint): [number, number] => {
  const bits = BigInt.asUintN(64, value);
  return [Number(bits >> 32n), Number(bits & 0xffff_ffffn)];
};

const integerOf = (value: bigint): TwinValue =>
  Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
