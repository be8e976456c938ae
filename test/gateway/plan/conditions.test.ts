import { parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { federate } from './subgraphs.ts';

const fleet = {
  cloud: {
    typeDefs:
      'type Query { device: Device } type Device @key(fields: "name") { name: ID! place: String node: Node } type Node { name: ID! }',
    resolvers: { Query: { device: () => ({ name: 'a', place: 'p', node: { name: 'n' } }) } },
  },
  edge: {
    typeDefs: 'type Query { uptime: Int } type Device @key(fields: "name") { name: ID! value: Int }',
    resolvers: { Query: { uptime: () => 7 }, Device: { value: () => 1 } },
  },
};

describe('@skip and @include', () => {
  test.each([
    ['{ device { name value @skip(if: true) } }', {}, { device: { name: 'a' } }, ['cloud']],
    [
      '{ device { name value @include(if: false) } uptime @skip(if: true) }',
      {},
      { device: { name: 'a' } },
      ['cloud'],
    ],
    [
      'query ($on: Boolean!) { device { value @include(if: $on) name } }',
      { on: true },
      { device: { value: 1, name: 'a' } },
      ['cloud', 'edge'],
    ],
    [
      'query ($on: Boolean!) { device { value @include(if: $on) name } }',
      { on: false },
      { device: { name: 'a' } },
      ['cloud'],
    ],
    [
      'query ($on: Boolean = false) { device @skip(if: $on) { name } }',
      {},
      { device: { name: 'a' } },
      ['cloud'],
    ],
    [
      'query ($on: Boolean!) { device { name ...F @include(if: $on) } } fragment F on Device { value }',
      { on: false },
      { device: { name: 'a' } },
      ['cloud'],
    ],
    [
      'query ($on: Boolean!) { device { name ...F @include(if: $on) } } fragment F on Device { value }',
      { on: true },
      { device: { name: 'a', value: 1 } },
      ['cloud', 'edge'],
    ],
    [
      'query ($on: Boolean!) { ... @include(if: $on) { uptime } device { ... on Device @skip(if: $on) { value } place } }',
      { on: true },
      { uptime: 7, device: { place: 'p' } },
      ['cloud', 'edge'],
    ],
    [
      'query ($on: Boolean!) { device { value @include(if: $on) @skip(if: $on) name } }',
      { on: true },
      { device: { name: 'a' } },
      ['cloud'],
    ],
    [
      'query ($on: Boolean!) { device { name @include(if: $on) name } }',
      { on: false },
      { device: { name: 'a' } },
      ['cloud'],
    ],
    [
      'query ($on: Boolean!) { device { node { name @include(if: $on) } } }',
      { on: false },
      { device: { node: {} } },
      ['cloud'],
    ],
    ['query ($on: Boolean!) { device @include(if: $on) { name } }', { on: false }, {}, []],
  ] as const)('%s with %j', async (query, variables, data, services) => {
    const { run, calls } = federate(fleet);
    expect(await run(query, variables)).toEqual({ data });
    expect(calls.map(({ service }) => service).sort()).toEqual(services);
  });

  test('of one document are decided per request', async () => {
    const { runtime } = federate(fleet);
    const names = Array.from({ length: 8 }, (_, number) => `v${number}`);
    const document = parse(`query (${names.map((name) => `$${name}: Boolean!`)}) {
      device { ${names.map((name) => `${name}: value @include(if: $${name})`)} name }
    }`);
    for (let number = 0; number < 256; number++) {
      const variableValues = Object.fromEntries(
        names.map((name, bit) => [name, Boolean(number & (1 << bit))]),
      );
      const { data } = await runtime.execute({ document, variableValues });
      const expected = names.filter((name) => variableValues[name]);
      expect(Object.keys(data?.device as object)).toEqual([...expected, 'name']);
    }
  });
});
