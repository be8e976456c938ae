import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSchema, type OperationDefinitionNode, parse } from 'graphql';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { OperationCosts } from '../../../gateway/server/operation-cost.ts';
import { createPersistedDocuments } from '../../../gateway/server/persisted-documents.ts';
import { RateLimit } from '../../../gateway/server/rate-limit.ts';
import { silentLogger } from '../../../lib/logger.ts';
import { ManualClock } from '../../harness/manual-clock.ts';
import { codeIn, type Fixture, startFixture } from './fixture.ts';

const directory = mkdtempSync(join(tmpdir(), 'octograph-guards-'));
afterAll(() => rmSync(directory, { recursive: true }));
let fixture: Fixture | undefined;
afterEach(async () => {
  await fixture?.close();
  fixture = undefined;
});
const many = (count: number, part: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => part(index)).join(' ');

describe('the cost of an operation', () => {
  const schema = buildSchema(/* GraphQL */ `
    type Query { devices(first: Int = 50): DeviceConnection! device: Device any: [Thing!]! }
    type Mutation { setDesired: Device touch: Boolean }
    type DeviceConnection { edges: [Edge!]! totalCount: Int! }
    type Edge { node: Device! cursor: String! }
    type Device { name: String! twins: [Twin!] history(points: Int = 300): History labels: [String!]! self: Device }
    type Twin { property: String! reported: Reported }
    type Reported { value: Float }
    type History { samples: [Sample!]! }
    type Sample { at: String! }
    union Thing = Device | Twin
  `);
  const costs = new OperationCosts(schema, { listSize: 10, weights: { 'Device.self': 7 } });
  const costOf = (text: string, variables?: Record<string, unknown>) => {
    const document = parse(text);
    return costs.costOf(document, document.definitions[0] as OperationDefinitionNode, variables);
  };

  test.each<[string, number]>([
    ['{ device { name labels } }', 1],
    ['{ device { twins { reported { value } } } }', 1 + 10 * (1 + 1)],
    ['{ devices { totalCount } }', 1],
    ['{ devices { edges { node { name } } } }', 1 + 50 * (1 + 1)],
    ['{ devices(first: 1000) { edges { node { twins { property } } } } }', 1 + 1000 * (1 + 1 + 10)],
    ['{ device { history { samples { at } } } }', 1 + 1 + 300],
    ['{ device { history(points: 5) { samples { at } } } }', 1 + 1 + 5],
    [
      '{ any { ... on Device { self { name } } ...T } } fragment T on Twin { reported { value } }',
      10 * (1 + 7 + 1),
    ],
    ['mutation { setDesired { twins { property } } touch }', 10 + 10 + 10],
    ['{ __schema { types { fields { name } } } }', 0],
  ])('%s', (text, cost) => {
    expect(costOf(text)).toBe(cost);
  });

  test('is what the variables say, each time', () => {
    const text = 'query ($first: Int = 3) { devices(first: $first) { edges { cursor } } }';
    expect(costOf(text)).toBe(1 + 3);
    const document = parse(text);
    const operation = document.definitions[0] as OperationDefinitionNode;
    const each = [{ first: 100 }, { first: 7 }, { first: null }, {}];
    expect(each.map((variables) => costs.costOf(document, operation, variables))).toEqual([101, 8, 51, 4]);
  });

  test('comes with the answer, and refuses what is beyond the limit, over HTTP and WebSocket', async () => {
    fixture = await startFixture({ limits: { cost: 3 } });
    const answer = await fixture.query('{ self { hello } }');
    expect(answer.json).toMatchObject({ extensions: { cost: { requested: 1, limit: 3 } } });
    const dear = '{ self { self { self { self { hello } } } } }';
    const refused = await fixture.query(dear, { accept: 'application/graphql-response+json' });
    expect([refused.status, codeIn(refused)]).toEqual([400, 'LIMIT_COST']);
    expect(refused.json.errors![0]).toMatchObject({ extensions: { cost: { requested: 4, limit: 3 } } });
    const socket = await fixture.socket().open();
    socket.subscribe('1', dear);
    const message = await socket.until('the refusal', ({ id }) => id === '1');
    expect(JSON.stringify(message)).toContain('LIMIT_COST');
    socket.socket.terminate();
  });
});

describe('the rate of a principal', () => {
  test('is a bucket that fills with time, and holds two seconds', async () => {
    const clock = new ManualClock();
    const rate = new RateLimit(10, clock);
    expect(rate.take('ann', 20)).toBe(0);
    expect(rate.take('ann', 1)).toBe(100);
    expect(rate.take('bob', 20)).toBe(0);
    await clock.advance(100);
    expect(rate.take('ann', 1)).toBe(0);
    await clock.advance(60_000);
    expect(rate.take('ann', 20)).toBe(0);
    expect(rate.take('ann', 20)).toBe(2000);
  });

  test('counts aliases, refuses with 429, and is nobody else’s', async () => {
    fixture = await startFixture({
      access: { tokens: { verify: (name) => ({ name, rights: 'read' }) } },
      limits: { rootFieldsPerSecond: 10 },
    });
    const ask = (name: string) =>
      fixture!.query(`{ ${many(10, (index) => `a${index}: hello`)} }`, { authorization: `Bearer ${name}` });
    expect((await ask('ann')).status).toBe(200);
    expect((await ask('ann')).status).toBe(200);
    const refused = await ask('ann');
    expect([refused.status, codeIn(refused)]).toEqual([429, 'LIMIT_RATE']);
    expect(refused.headers['retry-after']).toBe('1');
    expect((await ask('bob')).status).toBe(200);
  });
});

describe('persisted documents', () => {
  const text = 'query Hello($name: String) { hello(name: $name) }';
  const hash = createHash('sha256').update(text).digest('hex');
  const path = join(directory, 'documents.json');
  writeFileSync(path, JSON.stringify({ [hash]: text }));
  const start = async (only: boolean) => {
    const schemas = { cloud: { schema: buildSchema('type Query { a: Int }'), contextFor: () => ({}) } };
    const persisted = createPersistedDocuments({ path, only, logger: silentLogger });
    fixture = await startFixture({ persisted, subgraphs: schemas });
    return fixture;
  };
  const post = (body: object, target = '/graphql') =>
    fixture!.send({
      method: 'POST',
      path: target,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const variables = { name: 'pump' };
  const hello = { hello: 'hello pump' };

  test.each<[string, object]>([
    ['documentId', { documentId: hash }],
    ['documentId with its algorithm', { documentId: `sha256:${hash}` }],
    ['extensions.persistedQuery', { extensions: { persistedQuery: { version: 1, sha256Hash: hash } } }],
  ])('are named by %s, over HTTP and WebSocket', async (_way, named) => {
    const { socket } = await start(true);
    expect((await post({ ...named, variables })).json.data).toEqual(hello);
    const client = await socket().open();
    client.send({ type: 'subscribe', id: '1', payload: { ...named, variables } });
    expect(await client.until('the answer', ({ id }) => id === '1')).toMatchObject({
      payload: { data: hello },
    });
    client.socket.terminate();
  });

  test('an unknown one is PERSISTED_DOCUMENT_NOT_FOUND', async () => {
    await start(false);
    for (const documentId of ['0'.repeat(64), '__proto__', 'constructor']) {
      expect(codeIn(await post({ documentId }))).toBe('PERSISTED_DOCUMENT_NOT_FOUND');
    }
    expect((await post({ query: '{ hello }' })).json.data).toEqual({ hello: 'hello world' });
  });

  test('with `only`, no other text is executed, and no subgraph is served', async () => {
    await start(true);
    expect(codeIn(await post({ query: '{ hello }' }))).toBe('PERSISTED_DOCUMENT_REQUIRED');
    expect(codeIn(await post({ query: '{ hello }', documentId: hash }))).toBe('PERSISTED_DOCUMENT_REQUIRED');
    expect((await post({ query: text, variables })).json.data).toEqual(hello);
    expect((await post({ query: '{ a }' }, '/subgraphs/cloud')).status).toBe(404);
    const client = await fixture!.socket().open();
    client.subscribe('1', '{ hello }');
    expect(await client.until('the refusal', ({ id }) => id === '1')).toMatchObject({ type: 'error' });
    client.socket.terminate();
  });

  test('a file whose hashes are not those of its texts is refused', () => {
    const wrong = join(directory, 'wrong.json');
    for (const content of [{ [hash]: 'query { other }' }, { abc: text }, [text], { [hash]: 1 }]) {
      writeFileSync(wrong, JSON.stringify(content));
      expect(() => createPersistedDocuments({ path: wrong, only: true, logger: silentLogger })).toThrow(
        expect.objectContaining({ code: 'PERSISTED_DOCUMENTS_INVALID' }),
      );
    }
  });
});

/** The twelve checks of graphql-cop, as it asks them. Each answers whether it would flag the server. */
const cop: [string, (server: Fixture) => Promise<boolean>][] = [
  [
    'alias overloading',
    async (server) =>
      hasData(await server.query(`query cop { ${many(101, (index) => `alias${index}:__typename`)} }`)),
  ],
  [
    'array-based batching',
    async (server) => {
      const body = JSON.stringify(Array(10).fill({ query: 'query cop { __typename }' }));
      const headers = { 'content-type': 'application/json' };
      return Array.isArray((await server.send({ method: 'POST', headers, body })).json);
    },
  ],
  [
    'directive overloading',
    async (server) =>
      ((await server.query(`query cop { __typename ${'@aa'.repeat(10)} }`)).json.errors ?? []).length >= 10,
  ],
  [
    'circular introspection',
    async (server) =>
      hasData(
        await server.query(
          'query cop { __schema { types { fields { type { fields { type { fields { type { name } } } } } } } } }',
        ),
      ),
  ],
  [
    'field duplication',
    async (server) => hasData(await server.query(`query cop { ${many(500, () => '__typename')} }`)),
  ],
  [
    'introspection',
    async (server) =>
      hasData(await server.query('query cop { __schema { types { name fields { name } } } }')),
  ],
  [
    'GraphiQL',
    async (server) =>
      /GraphiQL|graphiql\.(min\.)?css|[Pp]layground/.test(
        (await server.send({ path: '/graphiql/', headers: { accept: 'text/html' } })).body,
      ),
  ],
  [
    'field suggestions',
    async (server) =>
      (await server.query('query cop { __schema { directive } helo }')).body.includes('Did you mean'),
  ],
  [
    'queries by GET',
    async (server) =>
      (await server.send({ path: '/graphql?query=%7B__typename%7D' })).body.includes('"data"'),
  ],
  [
    'mutations by GET',
    async (server) =>
      (await server.send({ path: '/graphql?query=mutation%7Bwrite(value:1)%7D' })).body.includes('"data"'),
  ],
  [
    'urlencoded POST',
    async (server) => {
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      return (await server.send({ method: 'POST', headers, body: 'query=%7B__typename%7D' })).body.includes(
        '"data"',
      );
    },
  ],
  [
    'traces and stacks in errors',
    async (server) => {
      const body = (await server.query('qwerty cop { abc }')).body + (await server.query('{ secret }')).body;
      return /exception|stacktrace|tracing|canary| at /.test(body);
    },
  ],
];
const hasData = ({ body }: { body: string }) => body.includes('"data":{');

describe('--hardened', () => {
  test('0 of 12 checks of graphql-cop flag it', async () => {
    fixture = await startFixture({ hardened: true, graphiql: true });
    const flagged: string[] = [];
    for (const [name, check] of cop) if (await check(fixture)) flagged.push(name);
    expect(flagged).toEqual([]);
    expect(cop).toHaveLength(12);
  });

  test('no typo draws a suggestion, of fields, arguments, types or enum values', async () => {
    fixture = await startFixture({ hardened: true });
    const typos = [
      '{ helo }',
      '{ hello(nam: "x") }',
      '{ ...on Querry { hello } }',
      'query ($n: Strin) { hello(name: $n) }',
    ];
    for (let index = 0; index < 100; index++) typos.push(`{ hell${'o'.repeat((index % 3) + 2)}${index} }`);
    for (const typo of typos) {
      const { body } = await fixture.query(typo);
      expect(body).toContain('errors');
      expect(body).not.toContain('Did you mean');
    }
  });

  test('ordinary documents, WebSockets and SSE go on', async () => {
    fixture = await startFixture({ hardened: true });
    expect((await fixture.query('{ hello __typename }')).json.data).toEqual({
      hello: 'hello world',
      __typename: 'Query',
    });
    const sse = await fixture.query('subscription { count(to: 1) }', { accept: 'text/event-stream' });
    expect(sse.body).toContain('event: complete');
    const socket = await fixture.socket().open();
    socket.subscribe('1', '{ hello }');
    await socket.until('the answer', ({ type }) => type === 'next');
    socket.socket.terminate();
  });
});
