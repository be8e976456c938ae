import { describe, expect, test } from 'vitest';
import { federate } from './subgraphs.ts';

const device = { name: 'a', nodeName: 'n1', constructor: 'field' };

const fleet = {
  cloud: {
    typeDefs: `
      type Query { device: Device things: [Thing] }
      interface Thing { name: ID! }
      type Device implements Thing @key(fields: "name nodeName") { name: ID! nodeName: String constructor: String }
      type Node implements Thing { name: ID! size(unit: Int): Int ready: Int }
    `,
    resolvers: {
      Query: {
        device: () => device,
        things: () => [
          { __typename: 'Device', ...device },
          { __typename: 'Node', name: 'n' },
        ],
      },
      Node: { size: (_: unknown, { unit }: { unit?: number }) => unit ?? 0, ready: () => 5 },
    },
  },
  edge: {
    typeDefs: `
      type Device @key(fields: "name nodeName") { name: ID! nodeName: String value(n: Int): Int toString: String }
    `,
    resolvers: {
      Device: {
        value: ({ name }: { name: string }, { n }: { n?: number }) => (name === 'a' ? (n ?? 1) : -1),
        toString: () => 'text',
      },
    },
  },
};

describe('response names', () => {
  test('may be those of key fields', async () => {
    const { run } = federate(fleet);
    expect(await run('{ device { name: nodeName nodeName: name value } }')).toEqual({
      data: { device: { name: 'n1', nodeName: 'a', value: 1 } },
    });
  });

  test.each([
    '__proto__',
    'constructor',
    'toString',
    '_internal_qp_alias_0',
    '_alias1_name',
    'representations',
  ])('may be %s', async (alias) => {
    const { run } = federate(fleet);
    const { data, errors } = await run(
      `{ device { ${alias}: value(n: 3) name: nodeName } ${alias}: device { name } }`,
    );
    expect(errors).toBeUndefined();
    expect(Object.getOwnPropertyDescriptor(data, alias)?.value).toEqual({ name: 'a' });
    const inner = data?.device as object;
    expect(Object.getOwnPropertyDescriptor(inner, alias)?.value).toBe(3);
    expect(Object.keys(inner)).toEqual([alias, 'name']);
  });

  test('may be `__proto__` before JSON, and no prototype changes', async () => {
    const { runtime } = federate(fleet);
    const { parse } = await import('graphql');
    const { data } = await runtime.execute({ document: parse('{ __proto__: device { __proto__: value } }') });
    expect(JSON.stringify(data)).toBe('{"__proto__":{"__proto__":1}}');
    expect(({} as Record<string, unknown>).value).toBeUndefined();
  });

  test('leave what all objects inherit out of the data where a subgraph gives nothing', async () => {
    const { run } = federate(fleet, { cloud: () => ({ data: { device: {} } }) });
    expect(await run('{ device { constructor } }')).toEqual({ data: { device: { constructor: null } } });
  });

  test('of fields may be `constructor` and `toString`', async () => {
    const { run } = federate(fleet);
    expect(await run('{ device { constructor toString } }')).toEqual({
      data: { device: { constructor: 'field', toString: 'text' } },
    });
  });

  test('may stand for different fields and arguments in types that never meet', async () => {
    const { run } = federate(fleet);
    const query = `{ things {
      ... on Device { x: value(n: 1) y: value(n: 9) }
      ... on Node { x: ready y: size(unit: 4) }
    } }`;
    expect(await run(query)).toEqual({
      data: {
        things: [
          { x: 1, y: 9 },
          { x: 5, y: 4 },
        ],
      },
    });
  });

  test('come from several fragments, and are merged', async () => {
    const { run } = federate(fleet);
    const query = `
      { device { ...A name } ...B device { ... { v: value } ... on Thing { name } } }
      fragment A on Device { v: value again: nodeName }
      fragment B on Query { device { ...A name: name } }
    `;
    const { data } = await run(query);
    expect(data).toEqual({ device: { v: 1, again: 'n1', name: 'a' } });
    expect(Object.keys(data?.device as object)).toEqual(['v', 'again', 'name']);
  });

  test('of a subgraph that plays tricks do not reach a prototype', async () => {
    const tricks = JSON.parse(
      '{"device":{"name":"a","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}}',
    );
    const { run } = federate(fleet, { cloud: () => ({ data: tricks }) });
    await run('{ device { name } }');
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe('variables', () => {
  test.each(['representations', '__batch_reps_0', '__proto__'])('may be called %s', async (name) => {
    const { run } = federate(fleet);
    const query = `query ($${name}: Int) { device { value(n: $${name}) } }`;
    const variables = JSON.parse(`{ "${name}": 8 }`);
    expect(await run(query, variables)).toEqual({ data: { device: { value: 8 } } });
  });
});
