import { GraphQLError, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import type { SubgraphExecutor } from '../../../gateway/index.ts';
import { federate } from './subgraphs.ts';

const fail = (message: string, extensions?: Record<string, unknown>) => () => {
  throw new GraphQLError(message, { extensions });
};

const fleet = {
  cloud: {
    typeDefs: `
      type Query { devices: [Device!] strict: [Device!]! device: Device broken: Int sure: Int! }
      type Device @key(fields: "name") { name: ID! twin: Device nodeName: String key: ID }
      type Mutation { restart: Int! }
    `,
    resolvers: {
      Query: {
        devices: () => ['a', 'b', 'c'].map((name) => ({ name, twin: { name: 'b' } })),
        strict: () => ['a', 'b'].map((name) => ({ name })),
        device: () => ({ name: 'b' }),
        broken: fail('broken in the cloud', { code: 'BROKEN' }),
      },
    },
  },
  edge: {
    typeDefs: `
      type Query { uptime: Int! }
      type Device @key(fields: "name") { name: ID! reported: Int must: Int! parts: [Part!] deep: Deep }
      type Part { size: Int! weight: Int }
      type Deep { inner: Deep value: Int! loose: Int }
    `,
    resolvers: {
      Query: { uptime: fail('down') },
      Device: {
        __resolveReference: (reference: { name: string }) =>
          reference.name === 'c' ? fail('no c here', { code: 'EDGE_NODE_OFFLINE' })() : reference,
        reported: ({ name }: { name: string }) => (name === 'b' ? fail('b does not report')() : 1),
        must: ({ name }: { name: string }) => (name === 'b' ? fail('b must')() : 1),
        parts: ({ name }: { name: string }) => [{ size: 1, weight: 2 }, name === 'b' ? {} : { size: 3 }],
        deep: () => ({ inner: { value: 1 } }),
      },
      Part: { weight: ({ weight }: { weight?: number }) => weight ?? fail('no weight')() },
      Deep: { loose: fail('no loose') },
    },
  },
};

const errorsOf = (errors: readonly { message: string; path?: unknown }[] | undefined) =>
  (errors ?? []).map(({ message, path }) => [message, path]);

async function errorsAndData(query: string, overrides: Record<string, SubgraphExecutor> = {}) {
  const { data, errors } = await federate(fleet, overrides).run(query);
  return { data, errors: errorsOf(errors) };
}

describe('the path of an error', () => {
  test('of a root field stays as it is', async () => {
    expect(await errorsAndData('{ x: broken device { name } }')).toEqual({
      data: { x: null, device: { name: 'b' } },
      errors: [['broken in the cloud', ['x']]],
    });
  });

  test('of an entity leads to each of its places', async () => {
    expect(await errorsAndData('{ devices { r: reported twin { reported } } }')).toEqual({
      data: {
        devices: [
          { r: 1, twin: { reported: null } },
          { r: null, twin: { reported: null } },
          { r: null, twin: { reported: null } },
        ],
      },
      errors: expect.arrayContaining([
        ['b does not report', ['devices', 1, 'r']],
        ['b does not report', ['devices', 0, 'twin', 'reported']],
        ['b does not report', ['devices', 1, 'twin', 'reported']],
        ['b does not report', ['devices', 2, 'twin', 'reported']],
        ['no c here', ['devices', 2, 'r']],
      ]),
    });
  });

  test('leads below the entity, with list indexes', async () => {
    expect(await errorsAndData('{ device { parts { weight } deep { inner { x: loose } } } }')).toEqual({
      data: { device: { parts: [{ weight: 2 }, { weight: null }], deep: { inner: { x: null } } } },
      errors: expect.arrayContaining([
        ['no weight', ['device', 'parts', 1, 'weight']],
        ['no loose', ['device', 'deep', 'inner', 'x']],
      ]),
    });
  });

  test('of an entity that failed as a whole leads to every field the client selected of it', async () => {
    const { errors } = await errorsAndData('{ devices { a: reported deep { value } name } }');
    expect(errors.filter(([message]) => message === 'no c here')).toEqual([
      ['no c here', ['devices', 2, 'a']],
      ['no c here', ['devices', 2, 'deep']],
    ]);
  });

  test('has the client document for its location, and the extensions of the subgraph', async () => {
    const { errors } = await federate(fleet).run('{\n  devices {\n    reported\n  }\n}');
    expect(errors).toContainEqual({
      message: 'no c here',
      path: ['devices', 2, 'reported'],
      locations: [{ line: 3, column: 5 }],
      extensions: { code: 'EDGE_NODE_OFFLINE' },
    });
  });

  test('has the client names where the planner used others', async () => {
    const { errors } = await errorsAndData('{ device { name: reported } key: devices { name: reported } }');
    expect(errors).toContainEqual(['b does not report', ['device', 'name']]);
    expect(errors).toContainEqual(['b does not report', ['key', 1, 'name']]);
  });

  test('may be missing: the error is kept', async () => {
    const edge = () => ({ data: null, errors: [new GraphQLError('who are you?')] });
    expect(await errorsAndData('{ device { name reported } }', { edge })).toEqual({
      data: { device: { name: 'b', reported: null } },
      errors: [['who are you?', undefined]],
    });
  });

  test('may be nonsense: the error is kept', async () => {
    const edge = () => ({ data: null, errors: [new GraphQLError('?', { path: ['x', 5, '_entities'] })] });
    expect((await errorsAndData('{ device { reported } }', { edge })).errors).toEqual([['?', undefined]]);
  });
});

describe('a subgraph that does not answer', () => {
  const secret = 'connect ECONNREFUSED 10.0.0.7:6443';

  test.each<[string, SubgraphExecutor]>([
    [
      'throws',
      () => {
        throw new Error(secret);
      },
    ],
    ['rejects', () => Promise.reject(new Error(secret))],
    ['rejects with nothing', () => Promise.reject()],
    ['answers undefined', () => undefined as never],
    ['answers without data and errors', () => ({})],
    ['answers with events', () => (async function* () {})()],
  ])('and %s is an error at every field it owed, without what was thrown', async (_, edge) => {
    const { data, errors } = await federate(fleet, { edge }).run('{ devices { name reported } }');
    expect(data).toEqual({ devices: ['a', 'b', 'c'].map((name) => ({ name, reported: null })) });
    expect(errors?.map(({ path }) => path)).toEqual([0, 1, 2].map((index) => ['devices', index, 'reported']));
    for (const error of errors ?? []) {
      expect(error.extensions).toEqual({ code: 'DOWNSTREAM_SERVICE_ERROR', serviceName: 'edge' });
    }
    expect(JSON.stringify(errors)).not.toContain('ECONNREFUSED');
  });

  test('keeps what was thrown as the cause', async () => {
    const cause = new Error(secret);
    const { runtime } = federate(fleet, { edge: () => Promise.reject(cause) });
    const { errors } = await runtime.execute({ document: parse('{ device { reported } }') });
    expect(errors?.[0]?.cause).toBe(cause);
  });

  test('says what a thrown GraphQLError says, under its code', async () => {
    const edge = fail('node n1 is away', { code: 'EDGE_NODE_OFFLINE', nodeName: 'n1' });
    const { errors } = await federate(fleet, { edge }).run('{ device { reported } }');
    expect(errors).toMatchObject([
      {
        message: 'node n1 is away',
        path: ['device', 'reported'],
        extensions: { code: 'EDGE_NODE_OFFLINE', nodeName: 'n1', serviceName: 'edge' },
      },
    ]);
  });

  test('is an error at the root fields, and the other subgraphs still answer', async () => {
    const cloud = fail('no cloud');
    expect(await errorsAndData('{ a: devices { name } b: device { name } }', { cloud })).toEqual({
      data: { a: null, b: null },
      errors: [
        ['no cloud', ['a']],
        ['no cloud', ['b']],
      ],
    });
  });
});

describe('a null where the schema has none', () => {
  test.each([
    [
      'goes up to the next place that may be null',
      '{ device { name must } }',
      { device: null },
      [['b must', ['device', 'must']]],
    ],
    [
      'goes up through lists',
      '{ devices { must } }',
      { devices: null },
      [
        ['b must', ['devices', 1, 'must']],
        ['no c here', ['devices', 2, 'must']],
      ],
    ],
    ['goes up to the root', '{ strict { must } device { name } }', null, [['b must', ['strict', 1, 'must']]]],
    ['of a root field makes the data null', '{ device { name } uptime }', null, [['down', ['uptime']]]],
    [
      'in a list item goes up to the list',
      '{ device { name parts { size } } }',
      { device: { name: 'b', parts: null } },
      [['Cannot return null for non-nullable field Part.size.', ['device', 'parts', 1, 'size']]],
    ],
    [
      'leaves the object above as it is',
      '{ device { deep { inner { value } } } }',
      { device: { deep: { inner: { value: 1 } } } },
      [],
    ],
    [
      'goes up as far as it must',
      '{ device { deep { value inner { value } } } }',
      { device: { deep: null } },
      [['Cannot return null for non-nullable field Deep.value.', ['device', 'deep', 'value']]],
    ],
  ])('%s', async (_, query, data, errors) => {
    expect(await errorsAndData(query)).toEqual({ data, errors });
  });

  test('that no subgraph explains is an error of its own, once', async () => {
    const edge = () => ({ data: { _entities: [{ must: null }, {}, null] } });
    const { data, errors } = await federate(fleet, { edge }).run('{ devices { name must } }');
    expect(data).toEqual({ devices: null });
    expect(errorsOf(errors)).toEqual([
      ['Cannot return null for non-nullable field Device.must.', ['devices', 0, 'must']],
    ]);
    expect(errors?.[0]?.locations).toEqual([{ line: 1, column: 18 }]);
  });

  test.each([
    ['a list', { devices: 'many' }, 'Expected a list for field Query.devices.', ['devices']],
    ['an object', { devices: ['one'] }, 'Expected an object for field Query.devices.', ['devices', 0]],
  ])('stands for what should be %s and is not', async (_, answer, message, path) => {
    const cloud = () => ({ data: answer });
    expect(await errorsAndData('{ devices { name } }', { cloud })).toEqual({
      data: { devices: null },
      errors: [[message, path]],
    });
  });
});
