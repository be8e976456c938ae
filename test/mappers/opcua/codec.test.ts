import { describe, expect, it } from 'vitest';
import { BUILT_IN, decodeVariant, encodeVariant, qualityOf } from '../../../mappers/opcua/codec.ts';

const decode = (dataType: number, value: unknown, type: Parameters<typeof decodeVariant>[1] = 'DOUBLE') =>
  decodeVariant({ dataType, isScalar: true, value }, type);

describe('an OPC UA value', () => {
  it.each([
    ['a Double', decode(BUILT_IN.Double, 21.5), 21.5],
    ['a Float, as the shortest decimal', decode(BUILT_IN.Float, Math.fround(21.3)), 21.3],
    ['an Int64 within 2^53', decode(BUILT_IN.Int64, [0xffff_ffff, 0xffff_fffe], 'INT'), -2],
    [
      'an Int64 beyond it, as text',
      decode(BUILT_IN.Int64, [0x7fff_ffff, 0xffff_ffff], 'INT'),
      '9223372036854775807',
    ],
    ['a UInt64', decode(BUILT_IN.UInt64, [0xffff_ffff, 0xffff_ffff], 'INT'), '18446744073709551615'],
    ['a Boolean', decode(BUILT_IN.Boolean, true, 'BOOLEAN'), true],
    ['a ByteString, in base64', decode(BUILT_IN.ByteString, Buffer.from([1, 2]), 'BYTES'), 'AQI='],
    ['a DateTime for STRING', decode(BUILT_IN.DateTime, new Date(0), 'STRING'), '1970-01-01T00:00:00.000Z'],
    ['a DateTime for INT', decode(BUILT_IN.DateTime, new Date(1500), 'INT'), 1500],
    ['a LocalizedText', decode(BUILT_IN.LocalizedText, { text: 'Kessel', locale: 'de' }, 'STRING'), 'Kessel'],
    ['a number for STRING, as text', decode(BUILT_IN.Int32, 7, 'STRING'), '7'],
    ['null', decode(BUILT_IN.String, null, 'STRING'), null],
  ])('is read: %s', (_, got, expected) => expect(got).toBe(expected));

  it('is JSON text where it is an array', () => {
    const array = { dataType: BUILT_IN.Double, isScalar: false, value: new Float64Array([1, 2.5]) };
    expect(decodeVariant(array, 'STRING')).toBe('[1,2.5]');
  });

  it.each([
    [BUILT_IN.Int16, -32_768],
    [BUILT_IN.Byte, 255],
    [BUILT_IN.UInt32, 4_294_967_295],
    [BUILT_IN.Int64, '-9223372036854775808'],
    [BUILT_IN.Boolean, false],
    [BUILT_IN.Double, 1e300],
    [BUILT_IN.String, 'x'],
    [BUILT_IN.ByteString, 'AQI='],
  ] as const)('of type %i survives the way there and back: %s', (dataType, value) => {
    const type = dataType === BUILT_IN.ByteString ? 'BYTES' : dataType === BUILT_IN.String ? 'STRING' : 'INT';
    expect(decodeVariant(encodeVariant(dataType, value, 'node'), type)).toBe(value);
  });

  it.each([
    [BUILT_IN.Byte, 256, /Boiler.Small: 256 does not fit; expected an integer 0..255 \(Byte\)/],
    [BUILT_IN.Int16, 1.5, /expected an integer -32768..32767/],
    [BUILT_IN.UInt32, -1, /expected an integer/],
    [BUILT_IN.Boolean, 1, /expected true or false/],
    [BUILT_IN.Float, 1e39, /expected a number within/],
    [BUILT_IN.DateTime, 'yesterday', /expected an ISO date/],
    [22, 1, /cannot be written/],
  ] as const)('of type %i is refused where it does not fit: %s', (dataType, value, message) => {
    expect(() => encodeVariant(dataType, value, 'Boiler.Small')).toThrow(message);
  });

  it.each([
    [0x0000_0000, 'GOOD'],
    [0x0096_0000, 'GOOD'],
    [0x4090_0000, 'UNCERTAIN'],
    [0x8034_0000, 'BAD'],
  ])('has the quality of the severity of its status 0x%s', (status, quality) =>
    expect(qualityOf(status)).toBe(quality),
  );
});
