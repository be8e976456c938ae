import { type DataValue, Variant, VariantArrayType } from 'node-opcua-client';
import type { Quality, ValueType } from '../../../twin/value.ts';
import { decodeVariant, type OpcuaVariant, qualityOf } from '../codec.ts';
import type { NodeValue } from '../messages.ts';

interface PlainDataValue {
  variant?: OpcuaVariant;
  quality: Quality;
  /** Name of the status code where it is not Good. */
  status?: string;
  /** Wall clock, milliseconds; undefined where neither source nor server tell. */
  at?: number;
}

/** node-opcua's DataValue as plain data. */
export function toDataValue({
  value,
  statusCode,
  sourceTimestamp,
  serverTimestamp,
}: DataValue): PlainDataValue {
  const isScalar = value.arrayType === VariantArrayType.Scalar;
  const stamp = [sourceTimestamp, serverTimestamp].find((date) => date && date.getTime() > 0);
  return {
    variant: value.dataType === 0 ? undefined : { dataType: value.dataType, isScalar, value: value.value },
    quality: qualityOf(statusCode.value),
    status: statusCode.value === 0 ? undefined : statusCode.name,
    at: stamp?.getTime(),
  };
}

/** A scalar as node-opcua wants it: of a pair of numbers it cannot tell a 64-bit integer from an array. */
export const toVariant = ({ dataType, value }: OpcuaVariant) =>
  new Variant({ dataType, arrayType: VariantArrayType.Scalar, value });

/** @param now wall clock, for a server that does not tell its own */
export function toNodeValue(index: number, type: ValueType, dataValue: DataValue, now: number): NodeValue {
  const { variant, quality, status, at = now } = toDataValue(dataValue);
  const value = quality === 'BAD' || !variant ? null : decodeVariant(variant, type);
  if (quality === 'GOOD' && value === null) return [index, null, 'BAD', at, 'the node has no value'];
  return status === undefined ? [index, value, quality, at] : [index, value, quality, at, status];
}
