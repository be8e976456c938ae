import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Disposables } from '../../lib/disposables.ts';
import { waitFor } from '../harness/wait.ts';
import { createPki, type Pki, RecordingCloud, RecordingEdge, startCloud, startEdge } from './harness.ts';

describe('a gateway whose accept budget is spent', () => {
  let pki: Pki;
  let open = new Disposables();
  beforeAll(async () => {
    pki = await createPki();
  });
  afterEach(async () => {
    await open.close();
    open = new Disposables();
  });

  /** A client that connects and never says a word of TLS. */
  async function silentClient(port: number): Promise<Socket> {
    const socket = connectTcp(port, '127.0.0.1');
    open.add(() => void socket.destroy());
    socket.on('error', () => {});
    await once(socket, 'connect');
    return socket;
  }

  it('[W30] resets who comes next before TLS, and takes nodes up again when a handshake is over', async () => {
    const cloud = new RecordingCloud();
    const server = open.use(
      await startCloud(await pki.server(), cloud, { accept: { maxInFlight: 2, perSecond: 1000 } }),
    );
    const holding = [await silentClient(server.port), await silentClient(server.port)];
    const edge = new RecordingEdge();
    const link = open.use(startEdge(server.port, await pki.node('edge-a'), edge));
    await waitFor('some resets', () => server.shed >= 2);
    expect(link.state()).toMatchObject({ up: false, lastError: expect.stringContaining('hung up before') });
    expect(cloud.log).toEqual([]);
    holding[0]!.destroy();
    await waitFor('the session', () => edge.session);
  });

  it('[W30] has its place back from each that ends, however it ends', async () => {
    const cloud = new RecordingCloud();
    const server = open.use(
      await startCloud(await pki.server(), cloud, {
        accept: { maxInFlight: 3, perSecond: 10_000 },
        handshakeTimeoutMs: 300,
      }),
    );
    for (let round = 0; round < 5; round++) {
      const socket = await silentClient(server.port);
      if (round % 2 === 0) socket.destroy();
      else socket.end('GET / HTTP/1.1\r\n\r\n');
    }
    const edges = await Promise.all(
      ['edge-a', 'edge-b', 'edge-c', 'edge-d'].map(async (name) => {
        const edge = new RecordingEdge();
        open.use(startEdge(server.port, await pki.node(name), edge));
        return edge;
      }),
    );
    await waitFor('all sessions', () => edges.every(({ session }) => session));
  });
});
