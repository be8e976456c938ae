import { GraphQLError, GraphQLScalarType, parse, validate } from 'graphql';
import { describe, expect, test } from 'vitest';
import { createPlanRuntime } from '../../../gateway/index.ts';
import { LruCache } from '../../../gateway/plan/lru-cache.ts';
import { composeSupergraph, federate } from './subgraphs.ts';

const fleet = {
  cloud: {
    typeDefs: 'type Query { device: Device } type Device @key(fields: "name") { name: ID! }',
    resolvers: { Query: { device: () => ({ name: 'a' }) } },
  },
  'edge-nodes': {
    typeDefs: 'type Device @key(fields: "name") { name: ID! value: Int }',
    resolvers: { Device: { value: () => 1 } },
  },
};

describe('creating a plan runtime', () => {
  test('names the subgraphs that lack an executor, and those given', () => {
    const supergraphSdl = composeSupergraph(fleet);
    const edge = () => ({ data: {} });
    expect(() => createPlanRuntime({ supergraphSdl, executors: { edge } })).toThrow(
      'no executor for the subgraph "cloud", "edge-nodes" of the supergraph: expected one by each subgraph\'s name, got "edge"',
    );
  });

  test('refuses what is no supergraph', () => {
    expect(() => createPlanRuntime({ supergraphSdl: 'type Query { a: Int }', executors: {} })).toThrow(
      'this SDL is not a supergraph: expected an enum join__Graph that lists the subgraphs',
    );
  });

  test('takes subgraph names that are no GraphQL names', async () => {
    const { run } = federate(fleet);
    expect(await run('{ device { value } }')).toEqual({ data: { device: { value: 1 } } });
  });
});

describe('scalars that clients are held to', () => {
  const even = new GraphQLScalarType({
    name: 'Even',
    parseValue(value) {
      if (typeof value === 'string' && Number(value) % 2 === 0) return Number(value);
      throw new GraphQLError(`Even is ${JSON.stringify(value)}: expected an even number as text`);
    },
    serialize: (value) => String(value),
  });
  const asked: unknown[] = [];
  const runtime = createPlanRuntime({
    supergraphSdl: composeSupergraph({ a: { typeDefs: 'scalar Even type Query { half(of: Even): Int }' } }),
    executors: {
      a: ({ query, variables }) => {
        asked.push([query.replaceAll(/\s+/g, ' '), variables]);
        return { data: { half: 1 } };
      },
    },
    scalars: [even],
  });
  const run = (text: string, variableValues?: Record<string, unknown>) =>
    runtime.execute({ document: parse(text), variableValues });

  test('make a wrong literal invalid, in words of the scalar', () => {
    const errors = validate(runtime.schema, parse('{ half(of: "3") }'));
    expect(errors.map(({ message }) => message)).toEqual(['Even is "3": expected an even number as text']);
  });

  test('refuse a wrong variable before a subgraph is asked', async () => {
    asked.length = 0;
    const result = await run('query ($n: Even) { half(of: $n) }', { n: '3' });
    expect(result.errors?.[0]?.message).toContain('Even is "3": expected an even number as text');
    expect([result.data, asked]).toEqual([undefined, []]);
  });

  test('hand on what fits as clients write it: literals, variables and their defaults', async () => {
    asked.length = 0;
    await run('{ half(of: "2") }');
    await run('query ($n: Even = "4") { half(of: $n) }');
    await run('query ($n: Even) { half(of: $n) }', { n: '6' });
    const [literal, ...variables] = asked as Array<[string, Record<string, unknown>]>;
    expect(literal?.[0]).toContain('half(of: "2")');
    expect(variables.map(([, given]) => Object.values(given))).toEqual([['4'], ['6']]);
  });
});

describe('choosing the operation', () => {
  const document = parse('query A { device { name } } query B { b: device { value } }');

  test('takes the one that is named', async () => {
    const { runtime } = federate(fleet);
    expect(await runtime.execute({ document, operationName: 'B' })).toEqual({ data: { b: { value: 1 } } });
    expect(await runtime.execute({ document, operationName: 'A' })).toEqual({
      data: { device: { name: 'a' } },
    });
  });

  test.each([
    ['C', document, 'Unknown operation named "C".'],
    [undefined, document, 'Must provide operation name if query contains multiple operations.'],
    [undefined, parse('fragment F on Query { device { name } }'), 'Must provide an operation.'],
  ])('refuses %s', async (operationName, given, message) => {
    const { runtime } = federate(fleet);
    expect(await runtime.execute({ document: given, operationName })).toMatchObject({
      errors: [{ message }],
    });
  });

  test('refuses variables that do not fit', async () => {
    const { run } = federate(fleet);
    const result = await run('query ($a: Int!) { device { name @skip(if: false) } }', { a: 'x' });
    expect(result).toMatchObject({ errors: [{ message: expect.stringContaining('Int cannot represent') }] });
    expect(result).not.toHaveProperty('data');
  });

  test('refuses what cannot be planned, without telling of the supergraph', async () => {
    const { run } = federate(fleet);
    expect(await run('{ device { nothing } }')).toEqual({
      errors: [
        { message: 'This operation could not be planned.', extensions: { code: 'QUERY_PLANNING_FAILED' } },
      ],
    });
  });
});

describe('cancelling', () => {
  test('hands the signal on, asks no further subgraph, and rejects with its reason', async () => {
    const client = new AbortController();
    const reason = new Error('the client left');
    let heard: unknown;
    const { runtime, calls } = federate(fleet, {
      cloud: ({ signal }) =>
        new Promise((resolve) => {
          signal?.addEventListener('abort', () => {
            heard = signal.reason;
            resolve({ data: { device: { __typename: 'Device', name: 'a' } } });
          });
        }),
    });
    const pending = runtime.execute({ document: parse('{ device { value } }'), signal: client.signal });
    client.abort(reason);
    await expect(pending).rejects.toBe(reason);
    await new Promise((resolve) => setImmediate(resolve));
    expect(heard).toBe(reason);
    expect(calls.map(({ service }) => service)).toEqual(['cloud']);
  });

  test('does not wait for an executor that does not heed the signal', async () => {
    const client = new AbortController();
    const { runtime } = federate(fleet, { cloud: () => new Promise(() => {}) });
    const pending = runtime.execute({ document: parse('{ device { value } }'), signal: client.signal });
    client.abort();
    await expect(pending).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('before the start asks nobody', async () => {
    const { runtime, calls } = federate(fleet);
    const signal = AbortSignal.abort();
    await expect(runtime.execute({ document: parse('{ device { name } }'), signal })).rejects.toThrow();
    await expect(runtime.subscribe({ document: parse('{ device { name } }'), signal })).rejects.toThrow();
    expect(calls).toEqual([]);
  });
});

test('the plan cache keeps the plans that were used last, within its bound', () => {
  const cache = new LruCache<number>(2);
  cache.set('a', 1);
  cache.set('b', 2);
  expect(cache.get('a')).toBe(1);
  cache.set('c', 3);
  expect([cache.get('a'), cache.get('b'), cache.get('c'), cache.size]).toEqual([1, undefined, 3, 2]);
});
