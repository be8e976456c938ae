import { composeServices } from '@theguild/federation-composition';
import { buildSchema, type GraphQLSchema, parse } from 'graphql';
import { expect, test } from 'vitest';
import type { LiveEvent } from '../../../gateway/live/live-event.ts';
import { createLocalExecutor } from '../../../gateway/local-executor.ts';
import { createPlanRuntime } from '../../../gateway/plan-runtime.ts';
import { silentLogger } from '../../../lib/logger.ts';
import { createValueLog, everything } from '../live/value-log.ts';
import { startFixture } from './fixture.ts';

const cloudSdl =
  'type Query { place: String } type Device @key(fields: "name") { name: String! model: String }';
const edgeSdl = `type Query { local: String } type Subscription { twins(after: String): TwinEvent }
  type TwinEvent { kind: String! device: Device } type Device @key(fields: "name") { name: String! }`;
const link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])';
const federated = `directive @key(fields: String!) on OBJECT scalar _Any union _Entity = Device
  extend type Query { _entities(representations: [_Any!]!): [_Entity]! }`;

function setFields(schema: GraphQLSchema, type: string, fields: Record<string, object>): void {
  const known = schema.getType(type);
  if (!known || !('getFields' in known)) throw new Error(`no type ${type}`);
  for (const [name, field] of Object.entries(fields)) Object.assign(known.getFields()[name]!, field);
}

test('fields of other subgraphs are fetched once per event, and no error reaches the next event', async () => {
  const log = createValueLog<string>({ epoch: 'test' });
  const cloud = buildSchema(`${cloudSdl} ${federated}`);
  const edge = buildSchema(`${edgeSdl} ${federated}`);
  for (const schema of [cloud, edge])
    Object.assign(schema.getType('_Entity')!, { resolveType: () => 'Device' });
  const fetched: string[][] = [];
  setFields(cloud, 'Query', {
    _entities: {
      resolve: async (_source: unknown, { representations }: { representations: { name: string }[] }) => {
        fetched.push(representations.map(({ name }) => name));
        return representations.map(({ name }) =>
          name === 'broken' ? new Error('no model') : { name, model: `m-${name}` },
        );
      },
    },
  });
  setFields(edge, 'Subscription', {
    twins: {
      subscribe: () => log.subscribe({ snapshot: () => [], filter: everything }),
      resolve: (event: unknown) => event,
    },
  });
  setFields(edge, 'TwinEvent', {
    device: { resolve: (event: LiveEvent<string>) => ('value' in event ? { name: event.value } : null) },
  });
  const { supergraphSdl } = composeServices([
    { name: 'cloud', url: 'http://cloud', typeDefs: parse(`${link} ${cloudSdl}`) },
    { name: 'edge', url: 'http://edge', typeDefs: parse(`${link} ${edgeSdl}`) },
  ]);
  const runtime = createPlanRuntime({
    supergraphSdl: supergraphSdl!,
    executors: {
      cloud: createLocalExecutor(cloud, silentLogger),
      edge: createLocalExecutor(edge, silentLogger),
    },
  });
  const fixture = await startFixture({
    schema: runtime.schema,
    subscribe: (args) => runtime.subscribe(args),
    contextFor: () => ({}),
  });
  const sockets = await Promise.all(Array.from({ length: 10 }, () => fixture.socket().open()));
  for (const socket of sockets) {
    socket.subscribe('1', 'subscription { twins { kind device { name model } } }');
    await socket.until('the snapshot', (message) => JSON.stringify(message).includes('SNAPSHOT_END'));
  }
  for (const name of ['a', 'broken', 'b']) log.publish(name);
  for (const socket of sockets) {
    await socket.until('the last event', (message) => JSON.stringify(message).includes('m-b'));
    const [, a, broken, b] = socket.messages
      .filter(({ type }) => type === 'next')
      .map(({ payload }) => payload);
    expect(a).toEqual({ data: { twins: { kind: 'UPDATED', device: { name: 'a', model: 'm-a' } } } });
    expect(broken).toMatchObject({
      data: { twins: { device: { name: 'broken', model: null } } },
      errors: [{ message: 'Unexpected error.', path: ['twins', 'device', 'model'] }],
    });
    expect(b).toEqual({ data: { twins: { kind: 'UPDATED', device: { name: 'b', model: 'm-b' } } } });
  }
  expect(fetched).toEqual([['a'], ['broken'], ['b']]);
  await fixture.close();
});
