import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canary, codeIn, type Fixture, recordingLogger, startFixture } from './fixture.ts';

const logger = recordingLogger();
let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture({ logger });
});
afterAll(() => fixture.close());

const eventStream = { accept: 'text/event-stream' };

describe('an unexpected error', () => {
  test.each(['{ secret }', '{ hello self { secret } }'])(
    'is masked and logged over HTTP: %s',
    async (query) => {
      const logged = logger.errors.length;
      const answer = await fixture.query(query);
      expect(answer.body).not.toContain(canary);
      expect(answer.json.errors).toMatchObject([
        { message: 'Unexpected error.', extensions: { code: 'INTERNAL_SERVER_ERROR' } },
      ]);
      expect(answer.body).not.toContain('unexpected"');
      expect(logger.errors).toHaveLength(logged + 1);
      expect(logger.errors.at(-1)).toMatchObject({ err: { message: `password ${canary}` } });
    },
  );

  test.each(['subscription { broken }', 'subscription { unopened }'])(
    'is masked over SSE: %s',
    async (query) => {
      const answer = await fixture.query(query, eventStream);
      expect(answer.body).not.toContain(canary);
      expect(answer.body).toContain('INTERNAL_SERVER_ERROR');
      expect(answer.body).toContain('event: complete');
    },
  );

  test.each(['{ secret }', 'subscription { broken }', 'subscription { unopened }'])(
    'is masked over WebSocket, and the connection lives: %s',
    async (query) => {
      const socket = await fixture.socket().open();
      socket.subscribe('1', query);
      await socket.until('the end', ({ type }) => type === 'complete' || type === 'error');
      const text = JSON.stringify(socket.messages);
      expect(text).not.toContain(canary);
      expect(text).toContain('INTERNAL_SERVER_ERROR');
      expect(text).not.toContain('"unexpected"');
      socket.subscribe('2', '{ hello }');
      await socket.until('an answer', ({ id }) => id === '2');
      socket.socket.close();
    },
  );

  test('in the making of the context is masked as well', async () => {
    const broken = await startFixture({
      logger,
      contextFor: () => {
        throw new Error(canary);
      },
    });
    const answer = await broken.query('{ hello }');
    expect([codeIn(answer), answer.body.includes(canary)]).toEqual(['INTERNAL_SERVER_ERROR', false]);
    const socket = await broken.socket().open();
    socket.subscribe('1', '{ hello }');
    expect(await socket.until('the refusal', ({ id }) => id === '1')).toMatchObject({
      type: 'error',
      payload: [{ message: 'Unexpected error.', extensions: { code: 'INTERNAL_SERVER_ERROR' } }],
    });
    await broken.close();
  });

  test('of an executor is masked as well', async () => {
    const broken = await startFixture({
      logger,
      execute: () => {
        throw new Error(canary);
      },
      subscribe: () => {
        throw new Error(canary);
      },
    });
    for (const query of ['{ hello }', 'subscription { forever }']) {
      const answer = await broken.query(query, query.startsWith('s') ? eventStream : {});
      expect(answer.body).toContain('INTERNAL_SERVER_ERROR');
      expect(answer.body).not.toContain(canary);
      const socket = await broken.socket().open();
      socket.subscribe('1', query);
      await socket.until('the end', ({ id }) => id === '1');
      expect(JSON.stringify(socket.messages)).not.toContain(canary);
      expect(JSON.stringify(socket.messages)).toContain('INTERNAL_SERVER_ERROR');
    }
    await broken.close();
  });
});

test('an OctographError keeps its code, message and path', async () => {
  const answer = await fixture.query('{ self { refused } }');
  expect(answer.json.errors).toMatchObject([
    { message: 'edge-a is offline', path: ['self', 'refused'], extensions: { code: 'EDGE_NODE_OFFLINE' } },
  ]);
});

test.each([
  'query ($name: String) { hello(name: $name) }',
  'subscription ($name: Int!) { count(to: $name) }',
])('a variable that does not fit its type is BAD_USER_INPUT: %s', async (query) => {
  const socket = await fixture.socket().open();
  socket.socket.send(
    JSON.stringify({ id: '1', type: 'subscribe', payload: { query, variables: { name: [1] } } }),
  );
  const told = await socket.until('the refusal', ({ id }) => id === '1');
  expect(JSON.stringify(told)).toContain('"code":"BAD_USER_INPUT"');
  expect(JSON.stringify(told)).toContain('Variable \\"$name\\" got invalid value [1]');
  socket.socket.close();
});
