import { describe, expect, it } from 'vitest';
import { collectArguments, parseArguments, resultRows } from '../../../dashboard/state/method-arguments.ts';
import { parseSetPoint, rangeOf } from '../../../dashboard/state/set-point.ts';

const float = { type: 'FLOAT', minimum: 5, maximum: 35, unit: '°C' } as const;
const int = { type: 'INT' } as const;

describe('a set point that was typed', () => {
  it.each([
    ['21.5', float, 21.5],
    [' 21,5 ', float, 21.5],
    ['5', float, 5],
    ['35', float, 35],
    ['1e1', float, 10],
    ['-3', int, -3],
    ['+7', int, 7],
    ['9007199254740993', int, '9007199254740993'],
    ['-0', int, 0],
    ['+009007199254740993', int, '9007199254740993'],
    ['-9223372036854775808', int, '-9223372036854775808'],
    ['1234,5', { type: 'DOUBLE' } as const, 1234.5],
    ['-.5', { type: 'DOUBLE' } as const, -0.5],
    ['true', { type: 'BOOLEAN' } as const, true],
    ['false', { type: 'BOOLEAN' } as const, false],
    ['  eco ', { type: 'STRING' } as const, '  eco '],
    ['', { type: 'STRING' } as const, ''],
    ['AAEC', { type: 'BYTES' } as const, 'AAEC'],
  ])('takes %o as the value that its type makes of it', (text, constraints, value) => {
    expect(parseSetPoint(text, constraints)).toEqual({ ok: true, value });
  });

  it.each([
    ['35.1', float, '35.1 is out of range: expected a number from 5 to 35 °C'],
    ['4.99', float, 'from 5 to 35 °C'],
    ['warm', float, 'expected a number from 5 to 35 °C'],
    ['', float, 'expected a number'],
    ['Infinity', float, 'expected a number'],
    ['1.5', int, 'expected a whole number'],
    ['0x10', int, 'expected a whole number'],
    ['-1', { type: 'INT', minimum: 0 } as const, '0 or more'],
    ['9223372036854775808', int, 'of 64 bits'],
    ['9007199254740993', { type: 'INT', maximum: 100 } as const, '100 or less'],
    ['-9007199254740993', { type: 'INT', minimum: 0, maximum: 9 } as const, 'from 0 to 9'],
    ['0x10', float, 'expected a number'],
    ['1e400', { type: 'DOUBLE' } as const, 'expected a number'],
    ['1,234', { type: 'DOUBLE' } as const, '1234 or 1.234?'],
    ['-1,234,567', { type: 'DOUBLE' } as const, 'expected a number'],
    ['yes', { type: 'BOOLEAN' } as const, 'expected on or off'],
    ['A', { type: 'BYTES' } as const, 'expected base64'],
    ['x', { type: 'STREAM' } as const, 'cannot be set'],
  ])('refuses %o and says what was expected', (text, constraints, words) => {
    const parsed = parseSetPoint(text, constraints);
    expect(parsed).toMatchObject({ ok: false, problem: expect.stringContaining(words) });
  });

  it('says as much of a range as the model does', () => {
    expect(rangeOf({ minimum: 0, maximum: 3 })).toBe(' from 0 to 3');
    expect(rangeOf({ minimum: 0, unit: 'V' })).toBe(', 0 V or more');
    expect(rangeOf({ maximum: 0 })).toBe(', 0 or less');
    expect(rangeOf({})).toBe('');
  });
});

describe('arguments of a method that the model types', () => {
  const models = [
    { name: 'setpoint', ...float },
    { name: 'mode', ...int },
  ];

  it('are those that were filled in', () => {
    expect(collectArguments(models, { setpoint: '21.5', mode: ' ' })).toEqual({
      values: [{ name: 'setpoint', value: 21.5 }],
      problems: {},
    });
  });

  it('are none while one of them is wrong', () => {
    expect(collectArguments(models, { setpoint: '21.5', mode: 'eco' })).toEqual({
      values: [],
      problems: { mode: 'expected a whole number' },
    });
  });
});

describe('what a method answered', () => {
  const models = [
    { name: 'setpoint', ...float },
    { name: 'mode', ...int },
  ];

  it.each([
    ['nothing', models, null, []],
    [
      'a value for each',
      models,
      '{"setpoint":22,"mode":1}',
      [
        ['setpoint', '22 °C'],
        ['mode', '1'],
      ],
    ],
    ['the value of the only one', models.slice(0, 1), 22.3, [['setpoint', '22.3 °C']]],
    ['words of the device', [], '{"x":1}', [['answer', '{"x":1}']]],
  ])('is told by name: %s', (_what, models, value, rows) => {
    expect(resultRows(models, value)).toEqual(rows);
  });
});

describe('arguments of a method that says nothing of them', () => {
  it('reads numbers, truth, nothing and text', () => {
    const text =
      'speed = 3\n name=eco mode \nquoted = "7"\nnow = true\nthen = null\nempty =\n\nbig = 9007199254740993';
    expect(parseArguments(text)).toEqual({
      ok: true,
      values: [
        { name: 'speed', value: 3 },
        { name: 'name', value: 'eco mode' },
        { name: 'quoted', value: '7' },
        { name: 'now', value: true },
        { name: 'then', value: null },
        { name: 'empty', value: '' },
        { name: 'big', value: '9007199254740993' },
      ],
    });
  });

  it('keeps what comes after the first equals sign', () => {
    expect(parseArguments('rule = a=b')).toEqual({ ok: true, values: [{ name: 'rule', value: 'a=b' }] });
  });

  it.each([
    ['speed', '"speed" is not an argument'],
    ['= 3', 'expected name = value'],
    ['a = 1\na = 2', 'a is there twice'],
  ])('refuses %o in words', (text, words) => {
    expect(parseArguments(text)).toMatchObject({ ok: false, problem: expect.stringContaining(words) });
  });
});
