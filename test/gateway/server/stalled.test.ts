import { once } from 'node:events';
import { request } from 'node:http';
import type { ExecutionResult } from 'graphql';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { waitFor } from '../../harness/wait.ts';
import { type Fixture, startFixture } from './fixture.ts';

const eventBytes = 8192;
let pulled = 0;
let open = 0;

/** A source without end that gives an event of 8 KiB whenever it is asked. */
async function* endless(): AsyncGenerator<ExecutionResult> {
  open++;
  try {
    for (;;) {
      pulled++;
      // A turn of the event loop each time: sockets must get theirs.
      await new Promise((resolve) => setImmediate(resolve));
      yield { data: { filler: 'x'.repeat(eventBytes) } };
    }
  } finally {
    open--;
  }
}

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture({ subscribe: () => endless() });
});
afterAll(() => fixture.close());
beforeEach(() => {
  pulled = 0;
});

/** Resolves when the source has not been pulled for a while, to how often it has been. */
async function standstill(): Promise<number> {
  let last = -1;
  await waitFor(
    'the source to be left alone',
    () => {
      const still = pulled > 0 && pulled === last;
      last = pulled;
      return still;
    },
    { everyMs: 300 },
  );
  return pulled;
}

const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

describe('a subscriber that does not read', () => {
  test('stops its source over WebSocket, and goes on where it was', async () => {
    const socket = await fixture.socket().open();
    socket.socket.pause();
    socket.subscribe('1', 'subscription { forever }');
    const held = await standstill();
    expect(held * eventBytes).toBeLessThan(16 * 1024 * 1024);
    socket.socket.resume();
    await waitFor('more events', () => pulled > held + 100);
    socket.socket.terminate();
    await waitFor('the source to end', () => open === 0);
  });

  test('stops its source over SSE, and leaves nothing behind when it goes', async () => {
    const before = timers();
    const outgoing = request({
      port: fixture.port,
      host: '127.0.0.1',
      method: 'POST',
      path: '/graphql',
      headers: { accept: 'text/event-stream', 'content-type': 'application/json' },
      agent: false,
    });
    outgoing.end('{"query":"subscription { forever }"}');
    const [incoming] = await once(outgoing, 'response');
    incoming.pause();
    const held = await standstill();
    expect(held * eventBytes).toBeLessThan(16 * 1024 * 1024);
    incoming.on('error', () => {});
    outgoing.destroy();
    await waitFor('the source to end', () => open === 0);
    await waitFor('its timers to end', () => timers() <= before);
  });

  test('is not read from either while it has not taken its answers', async () => {
    const small = await startFixture({ limits: { unsentBytes: 64 * 1024 } });
    const socket = await small.socket().open();
    const payload = { filler: 'x'.repeat(100_000) };
    const pings = 400;
    socket.socket.pause();
    for (let index = 0; index < pings; index++) socket.send({ type: 'ping', payload });
    // What the server does not read stays with the client: the kernel's buffers hold a few MiB of the 40.
    await waitFor('the server to stop reading', async () => {
      const unsent = socket.socket.bufferedAmount;
      await new Promise((resolve) => setTimeout(resolve, 300));
      return socket.socket.bufferedAmount > 10_000_000 && socket.socket.bufferedAmount === unsent;
    });
    socket.socket.resume();
    await waitFor('every pong', () => socket.messages.filter(({ type }) => type === 'pong').length === pings);
    socket.socket.terminate();
    await small.close();
  });

  test('is closed with 4413 when its answers exceed the bound all the same', async () => {
    const limits = { unsentBytes: 64 * 1024 * 1024, backlogBytes: 256 * 1024 };
    const small = await startFixture({ limits });
    const socket = await small.socket().open();
    const payload = { filler: 'x'.repeat(100_000) };
    socket.socket.pause();
    // The kernel's buffers hold a few MiB of the 20.
    for (let index = 0; index < 200; index++) socket.send({ type: 'ping', payload });
    await waitFor('what was sent to be read', () => socket.socket.bufferedAmount === 0);
    socket.socket.resume();
    expect((await socket.untilClosed()).code).toBe(4413);
    await small.close();
  });
});
