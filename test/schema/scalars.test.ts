import { GraphQLError, type GraphQLScalarType, graphql, parse, parseValue, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { createLocalSchema } from '../../schema/schemas.ts';

const schema = createLocalSchema();
const scalar = (name: string) => schema.getType(name) as GraphQLScalarType;

describe('TwinValue', () => {
  const literal = (text: string) => scalar('TwinValue').parseLiteral(parseValue(text));

  it.each([
    ['21.5', 21.5],
    ['-3', -3],
    ['"text"', 'text'],
    ['true', true],
    ['null', null],
  ])('takes the literal %s', (text, value) => {
    expect(literal(text)).toBe(value);
  });

  it('keeps the digits of an integer literal beyond 2^53-1, as text', () => {
    expect(literal('9007199254740991')).toBe(9007199254740991);
    expect(literal('9007199254740993')).toBe('9007199254740993');
    expect(literal('-9223372036854775808')).toBe('-9223372036854775808');
  });

  it.each(['[1]', '{ a: 1 }'])('refuses the literal %s', (text) => {
    expect(() => literal(text)).toThrow(/expected a number, text, true, false or null/);
  });

  it('names a number that is none when it refuses it', () => {
    expect(() => literal('1e999')).toThrow('TwinValue is Infinity');
  });

  it.each([[{ a: 1 }], [[1]], [Number.NaN], [Number.POSITIVE_INFINITY], [undefined]])(
    'refuses the variable %j',
    (value) => {
      expect(() => scalar('TwinValue').parseValue(value)).toThrow(GraphQLError);
    },
  );
});

describe('DateTime', () => {
  const instant = (text: unknown) => scalar('DateTime').parseValue(text);

  it.each([
    ['2026-11-20T08:15:05Z', 1795162505000],
    ['2026-11-20T08:15:05.250Z', 1795162505250],
    ['2026-11-20T09:15:05+01:00', 1795162505000],
  ])('takes %s', (text, ms) => {
    expect(instant(text)).toBe(ms);
  });

  it.each([
    'tomorrow',
    '1',
    '2026',
    '2026-11-20',
    '2026-11-20T08:15:05',
    '2026-13-20T08:15:05Z',
    '',
    5,
    null,
  ])('refuses %j', (value) => {
    expect(() => instant(value)).toThrow(/expected RFC 3339, like 2026-11-20T08:15:05Z/);
  });

  it('is RFC 3339 in UTC outside', () => {
    expect(scalar('DateTime').serialize(1795162505250)).toBe('2026-11-20T08:15:05.250Z');
  });
});

it.each([
  ['setDesired(input: { device: { name: "a" }, values: [], expiresAt: "soon" }) { __typename }', '"soon"'],
  [
    'setDesired(input: { device: { name: "a" }, values: [{ property: "b", value: [1] }] }) { __typename }',
    '[1]',
  ],
  [
    'createDevice(input: { name: "a", model: "b", protocol: { name: "c", config: 1 } }) { __typename }',
    '1 }',
  ],
])('a literal that does not fit is pointed at: %s', (field, culprit) => {
  const document = `mutation { ${field} }`;
  const [error] = validate(schema, parse(document));
  expect(error?.message).toMatch(/^(DateTime|TwinValue|JSON) is .*: expected/);
  expect(error?.locations).toEqual([{ line: 1, column: document.indexOf(culprit) + 1 }]);
});

describe('the schema', () => {
  it('refuses an input field that it does not have, by name', async () => {
    const { errors } = await graphql({
      schema,
      source: 'mutation ($input: SetDesiredInput!) { setDesired(input: $input) { __typename } }',
      variableValues: { input: { device: { name: 'a' }, values: [], waitfor: 'ACCEPTED' } },
    });
    expect(errors?.[0]?.message).toContain('waitfor');
  });
});
