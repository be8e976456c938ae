import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { startGraphqlServer } from '../../../gateway/server/server.ts';
import { silentLogger } from '../../../lib/logger.ts';
import { waitFor } from '../../harness/wait.ts';
import { codeIn, fixtureSchema, startFixture } from './fixture.ts';

const health = {
  live: () => true,
  ready: () => ({ ok: true, checks: [] }),
  metrics: async () => '',
};

describe('close', () => {
  test('sends 1001 to WebSockets and ends their subscriptions', async () => {
    const fixture = await startFixture();
    const socket = await fixture.socket().open();
    socket.subscribe('1', 'subscription { forever }');
    await socket.until('an event', ({ type }) => type === 'next');
    await fixture.close();
    expect(await socket.untilClosed()).toEqual({ code: 1001, reason: 'Going away' });
    expect(fixture.probe.open).toBe(0);
  });

  test('completes SSE streams', async () => {
    const fixture = await startFixture();
    const answer = fixture.query('subscription { forever }', { accept: 'text/event-stream' });
    await waitFor('the subscription', () => fixture.probe.open === 1);
    await fixture.close();
    expect((await answer).body).toContain('event: complete');
    expect(fixture.probe.open).toBe(0);
  });

  test('turns readyz false, refuses new operations and lets running ones finish', async () => {
    const answers: (() => void)[] = [];
    const fixture = await startFixture({
      health,
      contextFor: () => new Promise<object>((resolve) => answers.push(() => resolve({}))),
    });
    const running = fixture.query('{ hello }');
    await waitFor('the query', () => answers.length === 1);
    expect((await fixture.send({ path: '/readyz' })).status).toBe(200);
    const closing = fixture.close();
    expect(await fixture.send({ path: '/readyz' })).toMatchObject({ status: 503, body: 'failed\n' });
    const refused = await fixture.query('{ hello }');
    expect([refused.status, codeIn(refused)]).toEqual([503, 'DRAINING']);
    const socket = fixture.socket();
    await socket.untilClosed();
    expect(socket.refused).toBe(503);
    answers[0]!();
    expect((await running).json.data).toEqual({ hello: 'hello world' });
    await closing;
    await expect(fixture.query('{ hello }')).rejects.toThrow('ECONNREFUSED');
  });

  test('cuts what is still running after drainMs', async () => {
    const fixture = await startFixture({ drainMs: 200 });
    const running = fixture.query('{ wait }').catch(() => 'cut');
    const socket = await fixture.socket().open();
    // Takes nothing any more, so it will not answer the close either.
    socket.socket.pause();
    await waitFor('the query', () => fixture.probe.waiting.length === 1);
    await fixture.close();
    expect(await running).toBe('cut');
    socket.socket.terminate();
  });

  test('an idle keep-alive connection does not hold it up', async () => {
    const fixture = await startFixture({ drainMs: 3_600_000 });
    await (
      await fetch(fixture.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"query":"{hello}"}',
      })
    ).text();
    await fixture.close();
  });

  test('is idempotent', async () => {
    const fixture = await startFixture();
    await Promise.all([fixture.close(), fixture.close()]);
    await fixture.close();
  });
});

test('a taken port is named with what wanted it', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as { port: number };
  const start = startGraphqlServer({
    listen: { host: '127.0.0.1', port },
    what: 'the cloud gateway',
    schema: fixtureSchema({ writes: [], waiting: [], open: 0 }),
    contextFor: () => ({}),
    access: {},
    graphiql: false,
    logger: silentLogger,
  });
  await expect(start).rejects.toThrow(`port ${port} on 127.0.0.1, for the cloud gateway, is taken`);
  other.close();
});
