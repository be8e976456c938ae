import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { waitFor } from '../../harness/wait.ts';
import { type Fixture, startFixture } from './fixture.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture();
});
afterAll(() => fixture.close());

describe('operations', () => {
  test('queries, mutations and subscriptions run as over HTTP', async () => {
    const client = createClient({
      url: fixture.url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      lazy: true,
    });
    const collect = async (query: string) => {
      const results = [];
      for await (const result of client.iterate({ query })) results.push(result);
      return results;
    };
    expect(await collect('{ hello }')).toMatchObject([{ data: { hello: 'hello world' } }]);
    expect(await collect('mutation { write(value: 3) }')).toMatchObject([{ data: { write: 3 } }]);
    expect(await collect('subscription { count(to: 3) }')).toEqual(
      [1, 2, 3].map((count) => ({ data: { count } })),
    );
    await client.dispose();
  });

  test('variables and operation names are heeded', async () => {
    const socket = await fixture.socket().open();
    const query = 'query A($name: String) { hello(name: $name) } query B { whoami }';
    socket.subscribe('1', query, { variables: { name: 'pump' }, operationName: 'A' });
    expect(await socket.until('the answer', ({ id }) => id === '1')).toMatchObject({
      payload: { data: { hello: 'hello pump' } },
    });
    for (const [id, operationName] of [
      ['2', 'C'],
      ['3', undefined],
    ] as const) {
      socket.subscribe(id, query, { operationName });
      expect(await socket.until('the refusal', (message) => message.id === id)).toMatchObject({
        type: 'error',
        payload: [{ extensions: { code: 'OPERATION_RESOLUTION_FAILURE' } }],
      });
    }
    socket.socket.close();
  });

  test('a document that does not parse is refused without closing', async () => {
    const socket = await fixture.socket().open();
    socket.subscribe('1', '{ hello');
    const refusal = await socket.until('the refusal', ({ id }) => id === '1');
    expect(refusal).toMatchObject({
      type: 'error',
      payload: [{ extensions: { code: 'GRAPHQL_PARSE_FAILED' } }],
    });
    expect(JSON.stringify(refusal)).not.toContain('"http"');
    socket.subscribe('2', '{ hello }');
    await socket.until('an answer', ({ id }) => id === '2');
    socket.socket.close();
  });
});

describe('what a client gives up ends', () => {
  test('complete ends a subscription at its source', async () => {
    const socket = await fixture.socket().open();
    socket.subscribe('1', 'subscription { forever }');
    await socket.until('an event', ({ type }) => type === 'next');
    expect(fixture.probe.open).toBe(1);
    socket.send({ type: 'complete', id: '1' });
    await waitFor('the source to end', () => fixture.probe.open === 0);
    socket.socket.close();
  });

  test('complete aborts a running query', async () => {
    const socket = await fixture.socket().open();
    socket.subscribe('1', '{ wait }');
    const signal = await waitFor('the query to run', () => fixture.probe.waiting.pop());
    expect(signal.aborted).toBe(false);
    socket.send({ type: 'complete', id: '1' });
    await waitFor('the signal to abort', () => signal.aborted);
    socket.subscribe('2', '{ hello }');
    await socket.until('the next answer', ({ id, type }) => id === '2' && type === 'complete');
    expect(socket.messages.filter(({ id }) => id === '1')).toEqual([]);
    socket.socket.close();
  });

  test('a lost connection ends all it had', async () => {
    const socket = await fixture.socket().open();
    socket.subscribe('1', 'subscription { forever }');
    socket.subscribe('2', '{ wait }');
    await socket.until('an event', ({ type }) => type === 'next');
    const signal = await waitFor('the query to run', () => fixture.probe.waiting.pop());
    socket.socket.terminate();
    await waitFor('both to end', () => fixture.probe.open === 0 && signal.aborted);
  });
});

describe('close codes', () => {
  const opened = () => fixture.socket().open();
  const connected = async () => {
    const socket = fixture.socket();
    await new Promise((resolve) => socket.socket.once('open', resolve));
    return socket;
  };

  test.each([
    ['4400 for what is no JSON', opened, '{'],
    ['4400 for an unknown type', opened, '{"type":"start","id":"1"}'],
    ['4400 for a type that servers send', opened, '{"type":"next","id":"1","payload":{"data":{}}}'],
    ['4400 for a subscribe without a query', opened, '{"type":"subscribe","id":"1","payload":{}}'],
    [
      '4400 for variables that are no object',
      opened,
      '{"type":"subscribe","id":"1","payload":{"query":"{hello}","variables":1}}',
    ],
    [
      '4401 for a subscribe before connection_init',
      connected,
      '{"type":"subscribe","id":"1","payload":{"query":"{hello}"}}',
    ],
    ['4429 for a second connection_init', opened, '{"type":"connection_init"}'],
  ])('%s', async (name, connect, message) => {
    const socket = await connect();
    socket.send(message);
    expect((await socket.untilClosed()).code).toBe(Number(name.slice(0, 4)));
  });

  test('4409 for an id that is in use', async () => {
    const socket = await opened();
    socket.subscribe('1', 'subscription { forever }');
    socket.subscribe('1', 'subscription { forever }');
    expect((await socket.untilClosed()).code).toBe(4409);
  });

  test('4406 for another subprotocol', async () => {
    const socket = new WebSocket(fixture.url.replace('http', 'ws'), 'graphql-ws');
    socket.on('error', () => {});
    // The client library refuses an answer without its subprotocol before it sees the close code.
    const code = await new Promise((resolve) => socket.once('close', resolve));
    expect([4406, 1006]).toContain(code);
  });

  test('4408 without connection_init', async () => {
    const socket = await connected();
    expect((await socket.untilClosed()).code).toBe(4408);
  });

  test('404 for another path', async () => {
    const socket = fixture.socket({}, '/subscriptions');
    await socket.untilClosed();
    expect(socket.refused).toBe(404);
  });
});

describe('a client that does not read', () => {
  test('is cut when it answers no ping', async () => {
    const quick = await startFixture({ limits: { pingMs: 50 } });
    const socket = await quick.socket().open();
    socket.subscribe('1', 'subscription { forever }');
    await socket.until('an event', ({ type }) => type === 'next');
    socket.socket.pause();
    await waitFor('the server to end it', () => quick.probe.open === 0);
    socket.socket.terminate();
    await quick.close();
  });

  test('a client that answers pings stays', async () => {
    const quick = await startFixture({ limits: { pingMs: 300 } });
    const socket = await quick.socket().open();
    let pings = 0;
    socket.socket.on('ping', () => pings++);
    await waitFor('three pings', () => pings >= 3);
    expect(socket.closed).toBeUndefined();
    socket.socket.close();
    await quick.close();
  });
});
