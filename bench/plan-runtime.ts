/**
 * CPU per request of the plan runtime, as a ratio to the same values from one plain schema in the same process.
 *
 *     node bench/plan-runtime.ts
 */
import { composeServices } from '@theguild/federation-composition';
import type { DocumentNode, GraphQLSchema } from 'graphql';
import { buildSchema, execute, parse } from 'graphql';
import type { SubgraphExecutor } from '../gateway/index.ts';
import { createPlanRuntime } from '../gateway/index.ts';

const device = 'id: ID! namespace: String! name: String! nodeName: String protocol: String state: String';
const twin = `type Twin { property: String! unit: String reported: Reported }
  type Reported { value: Float quality: Quality! observedAt: String! } enum Quality { GOOD BAD }`;
const query = 'type Query { device(name: String!): Device devices(first: Int!): [Device!]! }';
const cloudSdl = `${query} type Device @key(fields: "id") { ${device} }`;
const edgeSdl = `type Device @key(fields: "id") { id: ID! twins: [Twin!] } ${twin}`;

const nodeCount = 3;
const twinsPerDevice = 4;

const deviceOf = (number: number) => ({
  id: `device-${number}`,
  namespace: 'default',
  name: `device-${number}`,
  nodeName: `node-${number % nodeCount}`,
  protocol: 'modbus',
  state: 'online',
});
const devices = Array.from({ length: 1000 }, (_, number) => deviceOf(number));
const twins = Array.from({ length: twinsPerDevice }, (_, number) => ({
  property: `property-${number}`,
  unit: 'celsius',
  reported: { value: 20 + number, quality: 'GOOD', observedAt: '2026-01-01T00:00:00.000Z' },
}));

type Fields = Record<string, (source: unknown, args: Record<string, never>) => unknown>;

function withResolvers(schema: GraphQLSchema, resolvers: Record<string, Fields>): GraphQLSchema {
  for (const [typeName, fields] of Object.entries(resolvers)) {
    const type = schema.getType(typeName);
    if (!type || !('getFields' in type)) continue;
    for (const [name, resolve] of Object.entries(fields)) {
      const field = type.getFields()[name];
      if (field && 'args' in field) field.resolve = resolve;
    }
  }
  return schema;
}

// Asynchronous like a service that answers from memory.
const resolvers = {
  Query: {
    device: async (_source: unknown, { name }: { name: string }) =>
      devices.find((each) => each.name === name),
    devices: async (_source: unknown, { first }: { first: number }) => devices.slice(0, first),
    _entities: async (_source: unknown, { representations }: { representations: object[] }) =>
      representations,
  },
  Device: { twins: () => twins },
} as unknown as Record<string, Fields>;

const directives = 'directive @key(fields: String!) repeatable on OBJECT';
const subgraph = (sdl: string): GraphQLSchema => {
  const entities = 'scalar _Any union _Entity = Device';
  const root = 'type Query { _entities(representations: [_Any!]!): [_Entity]! }';
  const isRoot = sdl.includes('type Query');
  const schema = buildSchema(`${directives} ${sdl} ${entities} ${isRoot ? `extend ${root}` : root}`);
  const union = schema.getType('_Entity');
  if (union && 'resolveType' in union) union.resolveType = () => 'Device';
  return withResolvers(schema, resolvers);
};
const inProcess =
  (schema: GraphQLSchema): SubgraphExecutor =>
  ({ document, variables, context }) =>
    execute({ schema, document, variableValues: variables, contextValue: context });

const link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])';
const { supergraphSdl } = composeServices([
  { name: 'cloud', url: 'http://cloud', typeDefs: parse(`${link} ${cloudSdl}`) },
  { name: 'edge', url: 'http://edge', typeDefs: parse(`${link} ${edgeSdl}`) },
]);
if (!supergraphSdl) throw new Error('the bench subgraphs do not compose');

const runtime = createPlanRuntime({
  supergraphSdl,
  executors: { cloud: inProcess(subgraph(cloudSdl)), edge: inProcess(subgraph(edgeSdl)) },
});
const plain = withResolvers(
  buildSchema(`${query} type Device { ${device} twins: [Twin!] } ${twin}`),
  resolvers,
);

const fields = `namespace name nodeName protocol state
  twins { property unit reported { value quality observedAt } }`;
const one = parse(`{ device(name: "device-7") { ${fields} } }`);
const list = parse(`query ($first: Int!) { devices(first: $first) { ${fields} } }`);

type Run = (document: DocumentNode, variableValues: Record<string, unknown>) => unknown;
const federated: Run = (document, variableValues) => runtime.execute({ document, variableValues });
const unfederated: Run = (document, variableValues) => execute({ schema: plain, document, variableValues });

/** CPU milliseconds from a parsed document to the text of the response. */
async function cost(run: Run, document: DocumentNode, variables: object, count: number): Promise<number> {
  const start = process.cpuUsage();
  for (let number = 0; number < count; number++) JSON.stringify(await run(document, { ...variables }));
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000 / count;
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

const cases = [
  { name: 'one device', document: one, variables: {}, count: 2000, budget: 1.3 },
  { name: 'list of 50', document: list, variables: { first: 50 }, count: 200, budget: 1.3 },
  { name: 'list of 1000', document: list, variables: { first: 1000 }, count: 12, budget: 1.1 },
];
const rows = [];
for (const { name, document, variables, count, budget } of cases) {
  const expected = JSON.stringify(await unfederated(document, variables));
  if (JSON.stringify(await federated(document, variables)) !== expected)
    throw new Error(`${name}: answers differ`);
  const federatedMs: number[] = [];
  const plainMs: number[] = [];
  for (let round = 0; round < 15; round++) {
    // Interleaved, so that neighbours on the machine disturb both alike.
    plainMs.push(await cost(unfederated, document, variables, count));
    federatedMs.push(await cost(federated, document, variables, count));
  }
  const [a, b] = [median(federatedMs), median(plainMs)];
  rows.push({
    case: name,
    'federated ms': a.toFixed(4),
    'plain ms': b.toFixed(4),
    ratio: (a / b).toFixed(2),
    budget,
  });
}
// biome-ignore lint/suspicious/noConsole: the table is what this program is for
console.table(rows);
