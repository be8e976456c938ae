import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { Disposables } from '../../lib/disposables.ts';
import { startTunnelClient } from '../../tunnel/client.ts';
import { SUBPROTOCOL } from '../../tunnel/handshake.ts';
import type { TlsFiles } from '../../tunnel/tls-files.ts';
import { waitFor } from '../harness/wait.ts';
import {
  createPki,
  createRecordingLogger,
  createSubgraph,
  HELLO,
  type Pki,
  RecordingCloud,
  RecordingEdge,
  startCloud,
  startEdge,
} from './harness.ts';

const DAY_MS = 24 * 3600_000;

describe('a node that is not to be trusted', () => {
  let pki: Pki;
  let foreign: Pki;
  let open = new Disposables();
  beforeAll(async () => {
    [pki, foreign] = [await createPki(), await createPki('another authority')];
  });
  afterEach(async () => {
    await open.close();
    open = new Disposables();
  });

  async function startGateway(tls?: TlsFiles) {
    const cloud = new RecordingCloud();
    const { logger, text } = createRecordingLogger();
    const server = open.use(
      await startCloud(tls ?? (await pki.server()), cloud, { logger, handshakeTimeoutMs: 2000 }),
    );
    return { cloud, server, log: text };
  }

  /** Dials with `tls` and returns what the operator of the edge is told. */
  async function lastErrorOf(port: number, tls: TlsFiles, url = `wss://127.0.0.1:${port}`): Promise<string> {
    const link = open.use(startEdge(port, tls, new RecordingEdge(), { url }));
    const error = await waitFor('the refusal', () => link.state().lastError);
    expect(link.state().up).toBe(false);
    return error;
  }

  it.each<[string, (pki: Pki) => Promise<TlsFiles>, string]>([
    ['CN without the prefix', (pki) => pki.node('', { commonName: 'edge-a' }), 'CN=edge-a, O=system:nodes'],
    [
      'another organization',
      (pki) => pki.node('edge-a', { organization: 'system:masters' }),
      'O=system:masters',
    ],
    [
      'no organization',
      (pki) => pki.node('edge-a', { organization: null }),
      'expected CN=system:node:<name>',
    ],
    ['a name that is no node name', (pki) => pki.node('Edge_A'), 'CN=system:node:Edge_A'],
  ])('[W2] with %s is refused, and both ends say why', async (_what, certificate, words) => {
    const { cloud, server, log } = await startGateway();
    const tls = await certificate(pki);
    expect(await lastErrorOf(server.port, tls)).toContain(words);
    expect(log()).toContain(words);
    expect(cloud.log).toEqual([]);
  });

  it('[W1] with a certificate of another CA is refused, and both ends say why', async () => {
    const { cloud, server, log } = await startGateway();
    const { cert, key } = await foreign.node('edge-a');
    const tls = { ca: pki.ca.certificatePem, cert, key };
    expect(await lastErrorOf(server.port, tls)).toMatch(/unknown authority.*certificate/);
    expect(log()).toContain("unknown authority: the node's certificate is not of this gateway's CA");
    expect(cloud.log).toEqual([]);
  });

  it('[W1] with an expired certificate is refused, and the edge says that it expired', async () => {
    const { cloud, server } = await startGateway();
    const tls = await pki.node('edge-a', { now: Date.now() - 3 * DAY_MS, validForMs: DAY_MS });
    expect(await lastErrorOf(server.port, tls)).toMatch(
      /^the gateway refuses this node: the node's certificate has expired, join again .*the gateway's clock says/,
    );
    expect(cloud.log).toEqual([]);
  });

  it("[W1] with a server's certificate is refused", async () => {
    const { cloud, server } = await startGateway();
    await lastErrorOf(server.port, await pki.node('edge-a', { usage: 'server' }));
    expect(cloud.log).toEqual([]);
  });

  it('[W1] without a certificate gets nowhere', async () => {
    const { cloud, server, log } = await startGateway();
    const socket = new WebSocket(`wss://127.0.0.1:${server.port}`, SUBPROTOCOL, {
      ca: pki.ca.certificatePem,
    });
    const outcome = await new Promise((resolve) => {
      socket.once('open', () => resolve('open'));
      socket.once('error', (error) => resolve(error.message));
    });
    expect(outcome).toBe('Unexpected server response: 401');
    expect(log()).toContain('a client certificate is needed: octograph edge join gets one for a token');
    expect(cloud.log).toEqual([]);
  });

  it('[W1] without TLS, or with one older than 1.2, gets nowhere', async () => {
    const { server, log } = await startGateway();
    const plain = connectTcp(server.port, '127.0.0.1');
    plain.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n');
    plain.on('error', () => {});
    await waitFor('the end', () => plain.destroyed || plain.readableEnded || (plain.resume() && false));
    const { cert, key, ca } = await pki.node('edge-a');
    const old = connectTls({
      port: server.port,
      host: '127.0.0.1',
      cert,
      key,
      ca,
      maxVersion: 'TLSv1.1',
      minVersion: 'TLSv1',
    });
    expect(
      await new Promise((resolve) => old.once('error', resolve).once('secureConnect', () => resolve('open'))),
    ).not.toBe('open');
    expect(log()).toContain('TLS handshake refused');
  });

  it.each([
    [
      undefined,
      'this gateway speaks octograph.tunnel.v1, the node offers no subprotocol: upgrade the older one',
    ],
    ['octograph.tunnel.v2', 'the node offers octograph.tunnel.v2: upgrade the older one'],
  ])('[W3] that offers subprotocol %s is refused in words', async (subprotocol, words) => {
    const { server, log } = await startGateway();
    const socket = new WebSocket(`wss://127.0.0.1:${server.port}`, subprotocol, await pki.node('edge-a'));
    const body = await new Promise<string>((resolve) => {
      socket.once('unexpected-response', (_request, response) => {
        expect(response.statusCode).toBe(426);
        response.setEncoding('utf8').once('data', resolve);
      });
    });
    socket.on('error', () => {}).terminate();
    expect(body).toContain(words);
    expect(log()).toContain(words);
  });

  it('[W10] that sends a WebSocket message over 1 MiB is closed with 1009', async () => {
    const { cloud, server } = await startGateway();
    const socket = new WebSocket(`wss://127.0.0.1:${server.port}`, SUBPROTOCOL, await pki.node('edge-a'));
    await new Promise((resolve) => socket.once('open', resolve));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.send(new Uint8Array(1024 * 1024 + 1));
    expect(await closed).toBe(1009);
    expect(cloud.log).toEqual([]);
  });

  it('[W1] that only sends HTTP is told what this is', async () => {
    const { server } = await startGateway();
    const socket = connectTls({ port: server.port, host: '127.0.0.1', ...(await pki.node('edge-a')) });
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
    });
    await waitFor('the answer', () => text.includes('edge nodes connect here'));
    expect(text).toMatch(/^HTTP\/1.1 426/);
    socket.destroy();
  });

  it('[W8] does not keep a closing gateway from closing', async () => {
    const { server } = await startGateway();
    const idle = connectTcp(server.port, '127.0.0.1');
    idle.on('error', () => {});
    await new Promise((resolve) => idle.once('connect', resolve));
    await server.close();
    await waitFor('its end', () => idle.destroyed || (idle.resume() && false));
  });
});

describe('a gateway that is not to be trusted', () => {
  let open = new Disposables();
  afterEach(async () => {
    await open.close();
    open = new Disposables();
  });

  async function lastError(serverTls: TlsFiles, edgeTls: TlsFiles, host = '127.0.0.1'): Promise<string> {
    const server = open.use(await startCloud(serverTls, new RecordingCloud()));
    const url = `wss://${host}:${server.port}`;
    const link = open.use(startEdge(server.port, edgeTls, new RecordingEdge(), { url }));
    return waitFor('the refusal', () => link.state().lastError);
  }

  it('[W27] of another CA: the edge says unknown authority', async () => {
    const [pki, foreign] = [await createPki(), await createPki('another authority')];
    expect(await lastError(await foreign.server(), await pki.node('edge-a'))).toMatch(
      /^unknown authority: the gateway's/,
    );
  });

  it('[W27] with an expired certificate: the edge says so, and what its clock says', async () => {
    const pki = await createPki();
    const expired = await pki.server({ now: Date.now() - 3 * DAY_MS, validForMs: DAY_MS });
    expect(await lastError(expired, await pki.node('edge-a'))).toMatch(
      /^the gateway's certificate has expired, or the clock is wrong: this node's clock says 20\d\d-/,
    );
  });

  it('[W27] of another name: the edge says so', async () => {
    const pki = await createPki();
    expect(await lastError(await pki.server(), await pki.node('edge-a'), 'localhost')).toBe(
      "the gateway's certificate is not for localhost",
    );
  });

  it('[W27] that nobody listens at, or whose name is not known: the edge says so', async () => {
    const pki = await createPki();
    const tls = await pki.node('edge-a');
    const server = await startCloud(await pki.server(), new RecordingCloud());
    await server.close();
    const options = {
      tls: () => tls,
      hello: () => HELLO,
      handler: new RecordingEdge(),
      serveGraphql: createSubgraph().serve,
    };
    const { logger, text } = createRecordingLogger();
    const refused = open.use(
      startTunnelClient({ ...options, logger, url: `wss://127.0.0.1:${server.port}` }),
    );
    const unknown = open.use(startTunnelClient({ ...options, logger, url: 'wss://gateway.invalid:4443' }));
    expect(await waitFor('one', () => refused.state().lastError)).toBe(
      `refused: nothing listens at 127.0.0.1:${server.port}`,
    );
    expect(await waitFor('the other', () => unknown.state().lastError)).toMatch(
      /^DNS: the name gateway.invalid is not found/,
    );
    expect(text()).toContain('link down');
  });
});
