import type { TwinValue } from '../../twin/value.ts';
import { asType, decodeBinary, encodeBinary, isTrue, numberOf, refuse } from '../binary-codec.ts';
import type { ModbusVisitor } from './visitor.ts';

/** What the registers of a span, big-endian as they came, say. */
export const decodeRegisters: (visitor: ModbusVisitor, wire: Buffer) => TwinValue = decodeBinary;

/**
 * The registers that say `value`.
 * @param current what the registers hold now; needed for bits of a register only
 * @throws OctographError `DEVICE_REFUSED` where the value does not fit
 */
export const encodeRegisters: (visitor: ModbusVisitor, value: TwinValue, current?: Buffer) => Buffer =
  encodeBinary;

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
