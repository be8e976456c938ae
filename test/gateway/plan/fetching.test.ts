import { parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { createPlanRuntime } from '../../../gateway/index.ts';
import { composeSupergraph, federate, remoteExecutor, subgraphSchema } from './subgraphs.ts';

const fleet = {
  cloud: {
    typeDefs: `
      type Query { devices: [Device!]! device(name: ID!): Device spare: Device }
      type Device @key(fields: "name nodeName") { name: ID! nodeName: String model: String }
      type Mutation { create(name: ID!): Device! remove: Int }
    `,
    resolvers: {
      Query: {
        devices: () => ['a', 'b', 'a'].map((name) => ({ name, nodeName: `node of ${name}`, model: 'm' })),
        device: (_source: unknown, { name }: { name: string }) => ({ name, nodeName: `node of ${name}` }),
        spare: () => ({ name: 'a', nodeName: 'node of a' }),
      },
      Mutation: {
        create: (_source: unknown, { name }: { name: string }) => ({ name, nodeName: 'n' }),
        remove: () => 1,
      },
    },
  },
  edge: {
    typeDefs: `
      type Query { uptime: Int }
      type Device @key(fields: "name nodeName") { name: ID! nodeName: String reported(unit: String): String model: Model }
      type Model @key(fields: "id") { id: ID! }
      type Mutation { reset: Int }
    `.replace('model: Model', 'kind: Model'),
    resolvers: {
      Query: { uptime: () => 7 },
      Device: {
        reported: ({ name }: { name: string }, { unit }: { unit?: string }) => `${name} in ${unit}`,
        kind: () => ({ id: 'k' }),
      },
      Mutation: { reset: () => 2 },
    },
  },
  models: {
    typeDefs: `type Model @key(fields: "id") { id: ID! title: String vendor: String }`,
    resolvers: { Model: { title: () => 'Title', vendor: () => 'Vendor' } },
  },
};

describe('fetching', () => {
  test('goes on with the entities of one subgraph in the next', async () => {
    const { run, calls } = federate(fleet);
    const result = await run('{ devices { name reported(unit: "C") } }');
    expect(result).toEqual({
      data: {
        devices: ['a', 'b', 'a'].map((name) => ({ name, reported: `${name} in C` })),
      },
    });
    expect(calls.map(({ service }) => service)).toEqual(['cloud', 'edge']);
  });

  test('asks for an entity once, at however many places of however many paths it stands', async () => {
    const { run, calls } = federate(fleet);
    await run('{ devices { reported } spare { reported } device(name: "a") { reported } }');
    const representations = Object.values(calls[1]!.variables);
    expect(representations).toEqual([
      expect.arrayContaining([
        { __typename: 'Device', name: 'a', nodeName: 'node of a' },
        { __typename: 'Device', name: 'b', nodeName: 'node of b' },
      ]),
    ]);
    expect(representations[0]).toHaveLength(2);
  });

  test('keeps different fields under one name apart where one entity stands at two places', async () => {
    const { run } = federate(fleet);
    const result = await run(`{
      spare { kind { x: title } }
      device(name: "a") { kind { x: vendor } }
    }`);
    expect(result).toEqual({
      data: { spare: { kind: { x: 'Title' } }, device: { kind: { x: 'Vendor' } } },
    });
  });

  test('asks subgraphs that do not need each other at the same time', async () => {
    const waiting = new Map<string, () => void>();
    const executor = (service: string, data: object) => () =>
      new Promise<{ data: object }>((resolve) => {
        waiting.set(service, () => resolve({ data }));
        // Neither answers before both were asked.
        if (waiting.size === 2) for (const answer of waiting.values()) answer();
      });
    const { run } = federate(fleet, {
      cloud: executor('cloud', { device: { name: 'a' } }) as never,
      edge: executor('edge', { uptime: 7 }) as never,
    });
    expect(await run('{ device(name: "a") { name } uptime }')).toEqual({
      data: { device: { name: 'a' }, uptime: 7 },
    });
  });

  test('runs mutations one after the other, in the order of the document', async () => {
    const order: string[] = [];
    const slow = (service: keyof typeof fleet) => {
      const execute = remoteExecutor(subgraphSchema(fleet[service]));
      return async (request: Parameters<typeof execute>[0]) => {
        order.push(`${service} starts`);
        await new Promise((resolve) => setImmediate(resolve));
        const result = await execute(request);
        order.push(`${service} ends`);
        return result;
      };
    };
    const { run } = federate(fleet, { cloud: slow('cloud'), edge: slow('edge') });
    expect(await run('mutation { one: remove reset two: remove create(name: "n") { reported } }')).toEqual({
      data: { one: 1, reset: 2, two: 1, create: { reported: 'n in undefined' } },
    });
    expect(order).toEqual(
      ['cloud', 'edge', 'cloud', 'edge'].flatMap((name) => [`${name} starts`, `${name} ends`]),
    );
  });

  test('fetches root fields at any depth of a field that has the query type', async () => {
    const definitions = {
      a: {
        typeDefs: 'type Query { again: Int here: Int list: [Int] }',
        resolvers: { Query: { again: () => ({}), here: () => 1, list: () => [{}, {}] } },
      },
      b: {
        typeDefs: 'type Query { there(n: Int): Int box: Box } type Box { x: Int }',
        resolvers: {
          Query: { there: (_: unknown, { n }: { n: number }) => n, box: () => ({ x: 1 }) },
        },
      },
    };
    // The composition that is at hand refuses such a supergraph; others compose it.
    const supergraphSdl = composeSupergraph(definitions)
      .replace('again: Int ', 'again: Query ')
      .replace('list: [Int] ', 'list: [Query] ');
    const executable = (name: 'a' | 'b') => {
      const typeDefs = definitions[name].typeDefs
        .replace('again: Int', 'again: Query')
        .replace('[Int]', '[Query]');
      return remoteExecutor(subgraphSchema({ ...definitions[name], typeDefs }));
    };
    const runtime = createPlanRuntime({
      supergraphSdl,
      executors: { a: executable('a'), b: executable('b') },
    });
    const document = parse(
      'query ($n: Int) { again { here there(n: $n) box { x } } list { there box { x } } }',
    );
    const { data, errors } = await runtime.execute({ document, variableValues: { n: 3 } });
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      again: { here: 1, there: 3, box: { x: 1 } },
      list: [
        { there: null, box: { x: 1 } },
        { there: null, box: { x: 1 } },
      ],
    });
  });

  test('sends the variables that a fetch uses, with defaults, and no others', async () => {
    const { run, calls } = federate(fleet);
    await run('query ($name: ID!, $unit: String = "K") { device(name: $name) { reported(unit: $unit) } }', {
      name: 'a',
    });
    expect(calls[0]?.variables).toEqual({ name: 'a' });
    expect(calls[1]?.variables).toEqual({ unit: 'K', representations: [expect.anything()] });
  });

  test('hands the executor one document per plan, its text, the context and the kind of the operation', async () => {
    const { runtime, calls } = federate(fleet);
    const document = parse('{ uptime }');
    const contextValue = { user: 'x' };
    await runtime.execute({ document, contextValue });
    await runtime.execute({ document: parse('{ uptime }'), contextValue });
    expect(calls[0]).toMatchObject({ query: '{uptime}', operationType: 'query', context: contextValue });
    expect(calls[1]?.document).toBe(calls[0]?.document);
  });

  test('answers without an await where executors answer at once', async () => {
    const supergraphSdl = composeSupergraph(fleet);
    const order: string[] = [];
    const data = { device: { __typename: 'Device', name: 'a', nodeName: 'n' } };
    const runtime = createPlanRuntime({
      supergraphSdl,
      executors: {
        cloud: () => ({ data }),
        edge: () => {
          order.push('edge');
          return { data: { _entities: [{ reported: 'r' }] } };
        },
        models: () => ({ data: {} }),
      },
    });
    const pending = runtime.execute({ document: parse('{ device(name: "a") { reported } }') });
    order.push('returned');
    expect(await pending).toEqual({ data: { device: { reported: 'r' } } });
    expect(order).toEqual(['edge', 'returned']);
  });
});
