import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startLink } from '../../cli/demo/link.ts';
import { listen } from '../../lib/listen.ts';
import { waitFor } from '../harness/wait.ts';

/** The tunnel's end: it answers each line in capitals. */
async function startTunnel() {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (text) => socket.write(String(text).toUpperCase()));
  });
  const port = await listen(server, { host: '127.0.0.1', port: 0 }, 'the tunnel');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port, sockets };
}

async function start() {
  const tunnel = await startTunnel();
  const link = await startLink('edge-a', tunnel.port);
  onTestFinished(() => link.close());
  return { tunnel, link };
}

async function dial(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => {
    socket.destroy();
  });
  await once(socket, 'connect');
  // A link that goes down resets it; who cares listens for itself.
  socket.on('error', () => {});
  return socket;
}

async function ask(socket: Socket, text: string): Promise<string> {
  socket.write(text);
  const [answer] = await once(socket, 'data');
  return String(answer);
}

const refused = (port: number) =>
  dial(port).then(
    () => 'connected',
    (error) => error.code as string,
  );

describe('the link of a node', () => {
  it('carries what goes either way', async () => {
    const { link } = await start();
    expect(await ask(await dial(link.port), 'hello')).toBe('HELLO');
  });

  it('down resets what is connected, at both ends, and refuses what comes', async () => {
    const { tunnel, link } = await start();
    const socket = await dial(link.port);
    await ask(socket, 'hello');
    const failed = once(socket, 'error');
    await link.set(false);
    expect((await failed)[0]).toMatchObject({ code: 'ECONNRESET' });
    await waitFor('the tunnel to lose it', () => tunnel.sockets.size === 0);
    expect(await refused(link.port)).toBe('ECONNREFUSED');
  });

  it('comes up again on the same port', async () => {
    const { link } = await start();
    const { port } = link;
    for (let round = 0; round < 3; round++) {
      await link.set(false);
      await link.set(true);
      expect(link.port).toBe(port);
      expect(await ask(await dial(port), 'again')).toBe('AGAIN');
    }
  });

  it('takes the same word twice', async () => {
    const { link } = await start();
    await link.set(true);
    await link.set(false);
    await link.set(false);
    await link.set(true);
    expect(await ask(await dial(link.port), 'hello')).toBe('HELLO');
  });

  it('that cannot come up says why, and may try again', async () => {
    const { link } = await start();
    await link.set(false);
    const squatter = createServer();
    await listen(squatter, { host: '127.0.0.1', port: link.port }, 'a squatter');
    await expect(link.set(true)).rejects.toMatchObject({ code: 'PORT_TAKEN' });
    await new Promise((done) => squatter.close(done));
    await link.set(true);
    expect(await ask(await dial(link.port), 'hello')).toBe('HELLO');
  });

  it('ends a connection whose tunnel is not there', async () => {
    const nobody = createServer();
    const free = await listen(nobody, { host: '127.0.0.1', port: 0 }, 'nobody');
    await new Promise((done) => nobody.close(done));
    const link = await startLink('edge-a', free);
    onTestFinished(() => link.close());
    const socket = await dial(link.port);
    await once(socket, 'close');
  });

  it('closes with connections open, up or down, and twice', async () => {
    const { link } = await start();
    await dial(link.port);
    await link.close();
    await link.close();
    expect(await refused(link.port)).toBe('ECONNREFUSED');
  });
});
