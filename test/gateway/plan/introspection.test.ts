import { buildClientSchema, getIntrospectionQuery, lexicographicSortSchema, printSchema } from 'graphql';
import { expect, test } from 'vitest';
import { federate } from './subgraphs.ts';

const definitions = {
  a: {
    typeDefs:
      'type Query { device: Device } type Device @key(fields: "id") { id: ID! secret: Int @inaccessible } type Mutation { change: Query }',
    resolvers: { Query: { device: () => ({ id: 1 }) }, Mutation: { change: () => ({}) } },
  },
  b: {
    typeDefs: 'type Device @key(fields: "id") { id: ID! more: Int }',
    resolvers: { Device: { more: () => 2 } },
  },
};

test('introspection gives the public schema', async () => {
  const { run, runtime, calls } = federate(definitions);
  const { data } = await run(getIntrospectionQuery({ inputValueDeprecation: true, oneOf: true }));
  const seen = buildClientSchema(data as never);
  expect(printSchema(lexicographicSortSchema(seen))).toBe(
    printSchema(lexicographicSortSchema(runtime.schema)),
  );
  expect(calls).toEqual([]);
});

test('introspection and data answer in one operation, in its order', async () => {
  const { run, calls } = federate(definitions);
  const { data, errors } = await run(
    `query ($name: String!, $all: Boolean = true) {
      kind: __typename
      ...Types
      device { more }
      t: __type(name: $name) { name fields(includeDeprecated: $all) { name } }
      nothing: __type(name: "Nothing") { name }
    }
    fragment Types on Query { __schema { queryType { ...Name } } }
    fragment Name on __Type { name }`,
    { name: 'Device' },
  );
  expect(errors).toBeUndefined();
  expect(data).toEqual({
    kind: 'Query',
    __schema: { queryType: { name: 'Query' } },
    device: { more: 2 },
    t: { name: 'Device', fields: [{ name: 'id' }, { name: 'more' }] },
    nothing: null,
  });
  expect(Object.keys(data ?? {})).toEqual(['kind', '__schema', 'device', 't', 'nothing']);
  expect(calls.map(({ service }) => service)).toEqual(['a', 'b']);
});

test('introspection answers below a mutation that returns the query type', async () => {
  const { run } = federate(definitions);
  expect(await run('mutation { change { __schema { mutationType { name } } device { id } } }')).toEqual({
    data: { change: { __schema: { mutationType: { name: 'Mutation' } }, device: { id: '1' } } },
  });
});

test('__typename of the root needs no subgraph', async () => {
  const { run, calls } = federate(definitions);
  expect(await run('{ __typename a: __typename ... on Query { b: __typename } }')).toEqual({
    data: { __typename: 'Query', a: 'Query', b: 'Query' },
  });
  expect(await run('mutation { __typename }')).toEqual({ data: { __typename: 'Mutation' } });
  expect(calls).toEqual([]);
});
