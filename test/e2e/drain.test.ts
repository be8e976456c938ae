import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ProbeSocket, send } from '../gateway/server/fixture.ts';
import { waitFor } from '../harness/wait.ts';

const cli = join(import.meta.dirname, '../../cli/octograph.ts');
let directory: string;
let edge: ChildProcess;
let port: number;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'octograph-drain-'));
  const argv = ['edge', '--node-name', 'edge-a', '--data-dir', directory, '--listen', '127.0.0.1:0'];
  edge = fork(cli, [...argv, '--anonymous', 'write', '--log-level', 'error'], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const [{ addresses }] = (await once(edge, 'message')) as [{ addresses: { graphql: string } }];
  port = Number(new URL(addresses.graphql).port);
});
afterEach(() => {
  edge.kill('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});

test('SIGTERM with running subscriptions and requests: not ready at once, told and ended, exit 0 within 10 s', async () => {
  const document = 'subscription { twins { kind } }';
  const headers = { 'content-type': 'application/json' };
  const socket = await new ProbeSocket(port).open();
  const stalled = await new ProbeSocket(port).open();
  for (const each of [socket, stalled]) {
    each.subscribe('1', document);
    await each.until('the snapshot', (message) => JSON.stringify(message).includes('SNAPSHOT_END'));
  }
  stalled.socket.pause();
  const sse = send(port, {
    method: 'POST',
    headers: { ...headers, accept: 'text/event-stream' },
    body: JSON.stringify({ query: document }),
  });
  // A request that never ends: half of it was promised.
  const half = connect(port, '127.0.0.1');
  half.on('error', () => {});
  half.write(
    `POST /graphql HTTP/1.1\r\nhost: localhost:${port}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{`,
  );
  const ready = async () => (await send(port, { path: '/readyz' })).status;
  await waitFor('the edge to be ready', async () => (await ready()) === 200);

  const exited = once(edge, 'exit');
  edge.kill('SIGTERM');
  await waitFor('readyz to turn false', async () => (await ready()) === 503);
  expect(await socket.untilClosed()).toMatchObject({ code: 1001 });
  expect((await sse).body).toMatch(/event: complete\ndata:\n\n$/);
  expect((await exited)[0]).toBe(0);
  half.destroy();
  stalled.socket.terminate();
});
