import { composeServices } from '@theguild/federation-composition';
import { buildSchema, type GraphQLFieldResolver, type GraphQLSchema, parse } from 'graphql';
import {
  createLiveSet,
  createPlanRuntime,
  type GraphqlServer,
  type Limits,
  type LiveEvent,
  startGraphqlServer,
} from '../../gateway/index.ts';
import { createLocalExecutor } from '../../gateway/local-executor.ts';
import { silentLogger } from '../../lib/logger.ts';

interface Reading {
  device: string;
  value: number;
}

/** Every event needs both subgraphs: the edge's gives the twin, the cloud's gives the fields of the device. */
export const subscription = `subscription {
  twins { kind cursor property
    device { namespace name nodeName protocol state }
    twin { property unit reported { value quality observedAt } } } }`;

const cloudSdl = `type Query { device(name: String!): Device }
  type Device @key(fields: "namespace name nodeName") {
    namespace: String! name: String! nodeName: String protocol: String state: String }`;
const edgeSdl = `type Query { place: String } type Subscription { twins(after: String): TwinEvent }
  type TwinEvent { kind: String! cursor: String! property: String device: Device twin: Twin gap: Gap }
  type Gap { dropped: Int! }
  type Device @key(fields: "namespace name nodeName") { namespace: String! name: String! nodeName: String }
  type Twin { property: String! unit: String reported: Reported }
  type Reported { value: Float quality: String! observedAt: String! }`;
const federated = `directive @key(fields: String!) repeatable on OBJECT scalar _Any union _Entity = Device
  extend type Query { _entities(representations: [_Any!]!): [_Entity]! }`;

type Fields = Record<string, GraphQLFieldResolver<never, unknown, never> | object>;

function subgraph(sdl: string, resolvers: Record<string, Fields>): GraphQLSchema {
  const schema = buildSchema(`${sdl} ${federated}`);
  const union = schema.getType('_Entity');
  if (union && 'resolveType' in union) union.resolveType = () => 'Device';
  for (const [typeName, fields] of Object.entries(resolvers)) {
    const type = schema.getType(typeName);
    if (!type || !('getFields' in type)) continue;
    for (const [name, resolve] of Object.entries(fields)) {
      Object.assign(type.getFields()[name]!, typeof resolve === 'function' ? { resolve } : resolve);
    }
  }
  return schema;
}

/** One device's twin, published by whoever benches; a gateway as the cloud's, with services that answer from memory. */
export async function startGateway(limits: Partial<Limits> = {}) {
  const set = createLiveSet<Reading>({ epoch: 'bench', present: (event) => event });
  const deviceOf = (name: string) => ({ namespace: 'default', name, nodeName: 'node-0' });
  const twinOf = ({ value }: Reading) => ({
    property: 'temperature',
    unit: 'celsius',
    reported: { value, quality: 'GOOD', observedAt: '2026-01-01T00:00:00.000Z' },
  });
  const readingOf = (event: LiveEvent<Reading>) => ('value' in event ? event.value : undefined);
  const cloud = subgraph(cloudSdl, {
    Query: {
      _entities: async (_source: never, { representations }: { representations: { name: string }[] }) =>
        representations.map(({ name }) => ({ ...deviceOf(name), protocol: 'modbus', state: 'online' })),
    },
  });
  const edge = subgraph(edgeSdl, {
    Subscription: {
      twins: {
        subscribe: (_source: never, { after }: { after?: string }) =>
          set.subscribe({ after, scope: '', matches: () => true }),
        resolve: (event: LiveEvent<Reading>) => event,
      },
    },
    TwinEvent: {
      property: (event: LiveEvent<Reading>) => readingOf(event) && 'temperature',
      device: (event: LiveEvent<Reading>) => readingOf(event) && deviceOf(readingOf(event)!.device),
      twin: (event: LiveEvent<Reading>) => readingOf(event) && twinOf(readingOf(event)!),
    },
  });
  const link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])';
  const { supergraphSdl } = composeServices([
    { name: 'cloud', url: 'http://cloud', typeDefs: parse(`${link} ${cloudSdl}`) },
    { name: 'edge', url: 'http://edge', typeDefs: parse(`${link} ${edgeSdl}`) },
  ]);
  if (!supergraphSdl) throw new Error('the bench subgraphs do not compose');
  const runtime = createPlanRuntime({
    supergraphSdl,
    executors: {
      cloud: createLocalExecutor(cloud, silentLogger),
      edge: createLocalExecutor(edge, silentLogger),
    },
  });
  const server: GraphqlServer = await startGraphqlServer({
    listen: { host: '127.0.0.1', port: 0 },
    what: 'the bench gateway',
    schema: runtime.schema,
    execute: (args) => runtime.execute(args),
    subscribe: (args) => runtime.subscribe(args),
    contextFor: () => ({}),
    access: { anonymous: 'read' },
    limits,
    graphiql: false,
    logger: silentLogger,
  });
  return {
    server,
    publish(value: number) {
      set.put('device-0', { device: 'device-0', value });
    },
  };
}
