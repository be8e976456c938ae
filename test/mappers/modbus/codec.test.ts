import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBits, decodeRegisters, encodeBits, encodeRegisters } from '../../../mappers/modbus/codec.ts';
import type { ModbusVisitor } from '../../../mappers/modbus/visitor.ts';

function visitor(fields: Partial<ModbusVisitor>): ModbusVisitor {
  return {
    property: 'x',
    type: 'DOUBLE',
    kind: 'HoldingRegister',
    address: 0,
    count: 1,
    format: 'uint16',
    byteLength: (fields.count ?? 1) * 2,
    bit: 0,
    bits: 1,
    isSwap: false,
    isRegisterSwap: false,
    scale: 1,
    shift: 0,
    ...fields,
  };
}

const orders = fc.record({ isSwap: fc.boolean(), isRegisterSwap: fc.boolean() });
const integers = fc.oneof(
  ...(
    [
      ['int16', 1, -(2 ** 15), 2 ** 15 - 1],
      ['uint16', 1, 0, 2 ** 16 - 1],
      ['int32', 2, -(2 ** 31), 2 ** 31 - 1],
      ['uint32', 2, 0, 2 ** 32 - 1],
      ['int64', 4, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
      ['uint64', 4, 0, Number.MAX_SAFE_INTEGER],
    ] as const
  ).map(([format, count, min, max]) =>
    fc.record({ format: fc.constant(format), count: fc.constant(count), value: fc.integer({ min, max }) }),
  ),
);

describe('registers', () => {
  it('carry every integer of every format in every order', () => {
    fc.assert(
      fc.property(integers, orders, ({ value, ...format }, order) => {
        const v = visitor({ type: 'INT', ...format, ...order });
        expect(decodeRegisters(v, encodeRegisters(v, value))).toBe(value);
      }),
    );
  });

  it('carry a double exactly, in every order', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), orders, (value, order) => {
        const v = visitor({ format: 'float64', count: 4, ...order });
        expect(decodeRegisters(v, encodeRegisters(v, value))).toBe(value + 0);
      }),
    );
  });

  it('carry a float32 as the shortest decimal that is the same float32', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true }), orders, (value, order) => {
        const v = visitor({ format: 'float32', count: 2, ...order });
        const read = decodeRegisters(v, encodeRegisters(v, value)) as number;
        expect(Math.fround(read)).toBe(value + 0);
        expect(decodeRegisters(v, encodeRegisters(v, read))).toBe(read);
      }),
    );
    const v = visitor({ format: 'float32', count: 2 });
    expect(decodeRegisters(v, encodeRegisters(v, 21.3))).toBe(21.3);
  });

  it('carry tenths and thousandths without the noise of binary fractions', () => {
    fc.assert(
      fc.property(fc.integer({ min: -32_768, max: 32_767 }), fc.constantFrom(1, 2, 3), (raw, digits) => {
        const v = visitor({ format: 'int16', scale: Number(`1e-${digits}`) });
        const shown = Number(`${raw}e-${digits}`) + 0;
        expect(decodeRegisters(v, encodeRegisters(v, shown))).toBe(shown);
      }),
    );
    expect(decodeRegisters(visitor({ scale: 0.1 }), Buffer.from([0, 213]))).toBe(21.3);
  });

  it('carry text and bytes in every order', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[ -~]{0,10}$/), orders, (text, order) => {
        const v = visitor({ type: 'STRING', format: 'string', count: 5, ...order });
        expect(decodeRegisters(v, encodeRegisters(v, text))).toBe(text);
      }),
    );
    const bytes = visitor({ type: 'BYTES', format: 'bytes', count: 2, isSwap: true });
    expect(decodeRegisters(bytes, encodeRegisters(bytes, 'AQIDBA=='))).toBe('AQIDBA==');
    expect(encodeRegisters(bytes, 'AQIDBA==')).toEqual(Buffer.from([2, 1, 4, 3]));
  });

  it.each([
    [{ isSwap: false, isRegisterSwap: false }, [0x12, 0x34, 0x56, 0x78]],
    [{ isSwap: false, isRegisterSwap: true }, [0x56, 0x78, 0x12, 0x34]],
    [{ isSwap: true, isRegisterSwap: false }, [0x34, 0x12, 0x78, 0x56]],
    [{ isSwap: true, isRegisterSwap: true }, [0x78, 0x56, 0x34, 0x12]],
  ])('are swapped as KubeEdge swaps them: %o', (order, wire) => {
    const v = visitor({ type: 'INT', format: 'uint32', count: 2, ...order });
    expect(decodeRegisters(v, Buffer.from(wire))).toBe(0x12345678);
  });

  it('show integers beyond 2^53 as text', () => {
    const v = visitor({ type: 'INT', format: 'int64', count: 4 });
    expect(decodeRegisters(v, Buffer.from('7fffffffffffffff', 'hex'))).toBe('9223372036854775807');
    expect(encodeRegisters(v, '9223372036854775807').toString('hex')).toBe('7fffffffffffffff');
  });

  it('keep the other bits of a register when one is written', () => {
    const v = visitor({ type: 'BOOLEAN', format: 'bit', bit: 9 });
    expect(encodeRegisters(v, true, Buffer.from([0x80, 0x01]))).toEqual(Buffer.from([0x82, 0x01]));
    expect(encodeRegisters(v, false, Buffer.from([0xff, 0xff]))).toEqual(Buffer.from([0xfd, 0xff]));
    expect(decodeRegisters(v, Buffer.from([0x02, 0x00]))).toBe(true);
  });

  it('show NaN and infinities as they are: the host says what they mean', () => {
    const v = visitor({ format: 'float32', count: 2 });
    expect(decodeRegisters(v, Buffer.from('7fc00000', 'hex'))).toBeNaN();
    expect(decodeRegisters(v, Buffer.from('ff800000', 'hex'))).toBe(Number.NEGATIVE_INFINITY);
  });

  it.each([
    [
      visitor({ format: 'int16', scale: 0.1 }),
      3276.8,
      'x: 3276.8 does not fit; expected -32768..32767 (int16)',
    ],
    [visitor({ format: 'uint16' }), -1, 'expected 0..65535'],
    [visitor({ format: 'uint64', count: 4 }), '18446744073709551616', 'expected 0..18446744073709551615'],
    [visitor({ format: 'float32', count: 2 }), 1e39, 'expected ±3.4e38'],
    [visitor({ format: 'string', count: 2 }), 'hello', 'expected text of at most 4 bytes'],
    [visitor({ format: 'bytes', count: 2 }), 'AQID', 'expected 4 bytes, got 3'],
    [visitor({ format: 'int16' }), 'warm', 'expected a number'],
    [visitor({ format: 'bit' }), 2, 'expected true or false'],
  ])('refuse what does not fit: case %#', (v, value, message) => {
    expect(() => encodeRegisters(v, value)).toThrow(message);
  });
});

describe('bits', () => {
  it('carry one flag, or a pattern whose bit 0 is the first', () => {
    const flag = visitor({ type: 'BOOLEAN', kind: 'CoilRegister', format: 'bit' });
    expect(encodeBits(flag, true)).toEqual([true]);
    expect(decodeBits(flag, [false])).toBe(false);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (pattern) => {
        const v = visitor({ type: 'INT', kind: 'CoilRegister', format: 'bit', count: 32 });
        expect(decodeBits(v, encodeBits(v, pattern))).toBe(pattern);
      }),
    );
  });

  it('refuse a pattern with more bits than there are', () => {
    const v = visitor({ type: 'INT', kind: 'CoilRegister', format: 'bit', count: 3 });
    expect(() => encodeBits(v, 8)).toThrow('expected 0..7, in 3 bits');
  });
});

describe('some bits of a register', () => {
  const field = visitor({ type: 'INT', format: 'bit', bit: 4, bits: 3 });

  it('are a number of their own', () => {
    expect(decodeRegisters(field, Buffer.from([0x00, 0x50]))).toBe(5);
  });

  it('are written without touching their neighbours', () => {
    expect(encodeRegisters(field, 2, Buffer.from([0xff, 0xff])).toString('hex')).toBe('ffaf');
    expect(encodeRegisters(field, 7, Buffer.from([0x00, 0x00])).toString('hex')).toBe('0070');
  });

  it('hold no more than they can', () => {
    expect(() => encodeRegisters(field, 8, Buffer.alloc(2))).toThrow(
      'x: 8 does not fit; expected 0..7, in 3 bits',
    );
  });
});

describe('a scale with a shift', () => {
  const kelvin = visitor({ format: 'uint16', scale: 0.1, shift: -273.1 });

  it('goes both ways', () => {
    expect(decodeRegisters(kelvin, Buffer.from([0x0b, 0x7e]))).toBe(21.1);
    expect(encodeRegisters(kelvin, 21.1).readUInt16BE()).toBe(0x0b7e);
  });

  it('says where a value does not fit', () => {
    expect(() => encodeRegisters(kelvin, -300)).toThrow('at scale 0.1 and shift -273.1 it is -269');
  });
});
