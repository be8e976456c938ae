import { readFileSync } from 'node:fs';
import { getIntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { defaultLimits } from '../../../gateway/server/limits.ts';
import { codeIn, type Fixture, startFixture } from './fixture.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture();
});
afterAll(() => fixture.close());

const nested = (depth: number) => `${'{ self '.repeat(depth - 1)}{ hello }${' }'.repeat(depth - 1)}`;
const many = (count: number, part: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => part(index)).join(' ');
/** Each fragment doubles the one after it. */
const doubling = (levels: number) =>
  `{ self { ...F0 } } ${many(levels, (level) => `fragment F${level} on Query { self { ...F${level + 1} } b: self { ...F${level + 1} } }`)} fragment F${levels} on Query { hello }`;

const hostile: [name: string, document: string, code: string][] = [
  ['deep nesting', nested(16), 'LIMIT_DEPTH'],
  ['very deep nesting', nested(600), 'LIMIT_DEPTH'],
  ['depth through fragments', `{ self { ...A } } fragment A on Query ${nested(15)}`, 'LIMIT_DEPTH'],
  [
    'circular introspection',
    `{ __schema { types ${many(8, () => '{ fields { type').slice(0)} { name } ${'} }'.repeat(8)} } }`,
    'LIMIT_DEPTH',
  ],
  ['aliases', `{ self { ${many(31, (index) => `a${index}: hello`)} } }`, 'LIMIT_ALIASES'],
  ['aliases of __typename', `{ self { ${many(31, (index) => `a${index}: __typename`)} } }`, 'LIMIT_ALIASES'],
  [
    'aliases through a fragment',
    `{ self { ${many(11, () => '...A self { ...A }')} } } fragment A on Query { a: hello b: hello }`,
    'LIMIT_ALIASES',
  ],
  ['directives', `{ hello ${many(21, () => '@include(if: true)')} }`, 'LIMIT_DIRECTIVES'],
  ['unknown directives', `{ hello ${many(50, () => '@aa')} }`, 'LIMIT_DIRECTIVES'],
  ['directives of the operation', `query ${many(21, () => '@aa')} { hello }`, 'LIMIT_DIRECTIVES'],
  ['root fields', `{ ${many(21, () => 'hello')} }`, 'LIMIT_ROOT_FIELDS'],
  [
    'root fields through fragments',
    `{ ...A ...A } fragment A on Query { ${many(11, () => 'hello')} }`,
    'LIMIT_ROOT_FIELDS',
  ],
  ['the same field over and over', `{ self { ${many(1500, () => 'hello')} } }`, 'LIMIT_FIELDS'],
  ['fragments that double', doubling(12), 'LIMIT_FIELDS'],
  ['fragments that double past all numbers', doubling(60), 'LIMIT_DEPTH'],
  ['tokens', `{ self { ${many(2100, () => 'hello')} } }`, 'LIMIT_TOKENS'],
  ['30 000 fields', `{ self { ${many(30_000 / 2, () => 'a')} } }`, 'LIMIT_TOKENS'],
  ['a long list', `{ hello(name: [${many(3000, () => '1')}]) }`, 'LIMIT_TOKENS'],
  ['a deep list', `{ hello(name: ${'['.repeat(3000)}`, 'LIMIT_TOKENS'],
  ['a long comment', `{ hello } #${'x'.repeat(200_000)}`, 'LIMIT_DOCUMENT'],
  ['a long string', `{ hello(name: "${'x'.repeat(200_000)}") }`, 'LIMIT_DOCUMENT'],
  [
    'a fragment in a circle',
    '{ ...A } fragment A on Query { self { ...B } } fragment B on Query { self { ...A } }',
    'GRAPHQL_VALIDATION_FAILED',
  ],
  [
    'a fragment that spreads itself',
    '{ ...A } fragment A on Query { ...A ...A }',
    'GRAPHQL_VALIDATION_FAILED',
  ],
  ['unknown fields', `{ self { ${many(300, (index) => `missing${index}`)} } }`, 'GRAPHQL_VALIDATION_FAILED'],
  [
    'conflicting fields',
    `{ self { ${many(90, (index) => `hello(name: "${index}")`)} } }`,
    'GRAPHQL_VALIDATION_FAILED',
  ],
  ['one field three hundred times', `{ self { ${many(300, () => 'hello')} } }`, 'LIMIT_FIELD_PAIRS'],
  [
    'repetitions in repetitions',
    `{ self { ${many(20, () => `self { ${many(20, () => 'hello')} }`)} } }`,
    'LIMIT_FIELD_PAIRS',
  ],
  [
    'repetitions through fragments',
    `{ self { ${many(15, () => '...A')} } } fragment A on Query { ${many(15, () => 'hello')} }`,
    'LIMIT_FIELD_PAIRS',
  ],
];

describe('a hostile document', () => {
  test.each(hostile)('is refused before execution: %s', async (_name, document, code) => {
    const answer = await fixture.query(document);
    expect(codeIn(answer)).toBe(code);
    expect(answer.json.data ?? null).toBeNull();
    const strict = await fixture.query(document, { accept: 'application/graphql-response+json' });
    expect(strict.status).toBe(400);
  });

  test('is refused over WebSocket by the same rules, and the connection lives', async () => {
    const socket = await fixture.socket().open();
    for (const [index, [, document, code]] of hostile.entries()) {
      socket.subscribe(String(index), document);
      const refusal = await socket.until('the refusal', ({ id }) => id === String(index));
      expect(refusal.type).toBe('error');
      expect((refusal.payload as object[])[0]).toMatchObject({ extensions: { code } });
    }
    socket.subscribe('good', '{ hello }');
    await socket.until('an answer', ({ id, type }) => id === 'good' && type === 'next');
    socket.socket.close();
  });

  test('costs at most 20 ms of CPU', async () => {
    for (const [, document] of hostile) await fixture.query(document);
    for (const [name, document] of hostile) {
      // A new text each time: the cache would answer the known one.
      const costs: number[] = [];
      for (let round = 0; round < 3; round++) {
        const before = process.cpuUsage();
        await fixture.query(`${document} # ${round} ${costs.length}`);
        const { user, system } = process.cpuUsage(before);
        costs.push((user + system) / 1000);
      }
      expect(Math.min(...costs), name).toBeLessThan(20);
    }
  });
});

describe('an ordinary document', () => {
  test.each([
    [
      'GraphiQL',
      getIntrospectionQuery({
        schemaDescription: true,
        inputValueDeprecation: true,
        specifiedByUrl: true,
        directiveIsRepeatable: true,
      }),
    ],
    ['code generators', getIntrospectionQuery({ descriptions: true, oneOf: true })],
    ['the full default depth', nested(15)],
  ])('passes the default limits: %s', async (_name, document) => {
    const answer = await fixture.query(document);
    expect(answer.json.errors).toBeUndefined();
  });
});

describe('limits are settable', () => {
  test('every row stands in the documentation with its default', () => {
    const text = readFileSync(new URL('../../../docs/access.md', import.meta.url), 'utf8');
    const rows = new Map(
      [...text.matchAll(/^\| `(\w+)` \| ([\d ]+) \|/gm)].map(([, name, value]) => [name, value]),
    );
    const documented = Object.keys(defaultLimits).map((name) => [
      name,
      Number(rows.get(name)?.replaceAll(' ', '')),
    ]);
    expect(Object.fromEntries(documented)).toEqual(defaultLimits);
  });

  test('one row changes, the others stay', async () => {
    const small = await startFixture({ limits: { depth: 2 } });
    expect(codeIn(await small.query(nested(3)))).toBe('LIMIT_DEPTH');
    expect((await small.query(nested(2))).json.errors).toBeUndefined();
    expect(codeIn(await small.query(`{ ${many(21, () => 'hello')} }`))).toBe('LIMIT_ROOT_FIELDS');
    await small.close();
  });
});

describe('sizes on the wire', () => {
  test('a request body over 1 MiB is refused with 413, with and without a length', async () => {
    const body = JSON.stringify({ query: '{ hello }', variables: { filler: 'x'.repeat(1024 * 1024) } });
    const headers = { 'content-type': 'application/json' };
    const declared = await fixture.send({
      method: 'POST',
      headers: { ...headers, 'content-length': String(body.length) },
      body,
    });
    const chunked = await fixture.send({
      method: 'POST',
      headers: { ...headers, 'transfer-encoding': 'chunked' },
      body,
    });
    expect([declared.status, chunked.status]).toEqual([413, 413]);
  });

  test('a WebSocket message over 1 MiB closes with 1009', async () => {
    const socket = await fixture.socket().open();
    socket.subscribe('1', '{ hello }', { variables: { filler: 'x'.repeat(1024 * 1024) } });
    expect((await socket.untilClosed()).code).toBe(1009);
  });
});

describe('connections', () => {
  test('the 101st operation of a connection is refused; a completed one makes room', async () => {
    const socket = await fixture.socket().open();
    for (let index = 0; index < 100; index++) socket.subscribe(`s${index}`, 'subscription { forever }');
    await socket.until(
      'all open',
      () => socket.messages.filter(({ type }) => type === 'next').length === 100,
    );
    socket.subscribe('over', '{ hello }');
    const refusal = await socket.until('the refusal', ({ id }) => id === 'over');
    expect(refusal).toMatchObject({ type: 'error', payload: [{ extensions: { code: 'LIMIT_OPERATIONS' } }] });
    socket.send({ type: 'complete', id: 's0' });
    socket.subscribe('again', '{ hello }');
    expect(await socket.until('an answer', ({ id }) => id === 'again')).toMatchObject({ type: 'next' });
    socket.socket.close();
    await socket.untilClosed();
  });

  test('an operation that its client has given up counts until it has ended', async () => {
    const one = await startFixture({ limits: { operationsPerConnection: 1 } });
    const socket = await one.socket().open();
    for (let round = 0; round < 5; round++) {
      socket.subscribe(`q${round}`, '{ hello }');
      await socket.until('complete', ({ id, type }) => id === `q${round}` && type === 'complete');
    }
    await one.close();
  });

  test('a connection beyond the limit is told so with 503', async () => {
    const narrow = await startFixture({ limits: { connections: 2 } });
    const [first, second] = [await narrow.socket().open(), await narrow.socket().open()];
    const answer = await narrow.query('{ hello }');
    expect([answer.status, codeIn(answer)]).toEqual([503, 'LIMIT_CONNECTIONS']);
    const third = narrow.socket();
    await third.untilClosed();
    expect(third.refused).toBe(503);
    first.socket.close();
    second.socket.close();
    await Promise.all([first.untilClosed(), second.untilClosed()]);
    expect((await narrow.query('{ hello }')).status).toBe(200);
    await narrow.close();
  });
});
