import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { WebSocketServer } from 'ws';
import { type Clock, systemClock } from '../lib/clock.ts';
import type { Closable } from '../lib/disposables.ts';
import { messageOf } from '../lib/errors.ts';
import { type Listener, listen } from '../lib/listen.ts';
import type { Logger } from '../lib/logger.ts';
import { AcceptBudget } from './accept-budget.ts';
import { CLOSE } from './close-codes.ts';
import type { NodeSession, NodeSessionHandler } from './contract.ts';
import { guardFrontDoor } from './front-door.ts';
import { SUBPROTOCOL } from './handshake.ts';
import { MAX_FRAME_BYTES } from './limits.ts';
import { NodeSessions } from './node-sessions.ts';
import { type NodeCertificate, type Peer, peerOf } from './peer.ts';
import type { TlsFiles } from './tls-files.ts';
import { adaptWebSocket } from './ws-socket.ts';

export interface TunnelServerOptions {
  listen: Listener;
  /** Asked once, and again when `renewTls` is called. */
  tls: () => TlsFiles;
  /** Identity of the replica; another one than last time makes the nodes send everything. */
  replicaId: string | ((nodeName: string) => string);
  handler: NodeSessionHandler;
  /**
   * Judges a node whose certificate is good: why it may not connect, or undefined. Asked at every connection, and for live
   * sessions by `review`.
   */
  judge?: (certificate: NodeCertificate) => string | undefined;
  /** Takes HTTP requests that are no upgrade; false leaves one to the tunnel's own answer. */
  serveHttp?: (request: IncomingMessage, response: ServerResponse, peer: Peer) => boolean;
  logger: Logger;
  clock?: Clock;
  /** @default 10_000; a silent peer is given up after two of them and half a second */
  pingMs?: number;
  /** For TLS, the upgrade and the hello, each. @default 10_000 */
  handshakeTimeoutMs?: number;
  /** What the nodes are told to wait at least when this end closes. @default 1000 */
  retryAfterMs?: number;
  /** Nodes that may come at once after a restart; those connected now, where it is less. */
  fleetSize?: () => number;
  /** TLS handshakes under way, and new connections a second, at most. @default 64 and 200 */
  accept?: { maxInFlight: number; perSecond: number };
}

export interface TunnelServer extends Closable {
  readonly port: number;
  /** Connections taken up, and turned away before TLS, since the start. */
  readonly accepted: number;
  readonly shed: number;
  sessions(): NodeSession[];
  /** Closes the sessions whose certificate has expired, or that `judge` now turns away. */
  review(): void;
  /** New connections get the certificate that `tls` gives from now on. */
  renewTls(): void;
}

/**
 * Listens for edge nodes over TLS with client certificates.
 * @throws OctographError `PORT_TAKEN`
 */
export async function startTunnelServer({
  listen: listener,
  tls,
  replicaId,
  handler,
  judge = () => undefined,
  serveHttp = () => false,
  logger,
  clock = systemClock,
  pingMs = 10_000,
  handshakeTimeoutMs = 10_000,
  retryAfterMs = 1000,
  fleetSize = () => 0,
  accept = { maxInFlight: 64, perSecond: 200 },
}: TunnelServerOptions): Promise<TunnelServer> {
  const nodes: NodeSessions = new NodeSessions({
    replicaId,
    handler,
    logger,
    clock,
    pingMs,
    handshakeTimeoutMs,
    reconnectWindowMs: () => reconnectWindow(Math.max(nodes.size, fleetSize()), accept.perSecond),
  });
  const webSockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MAX_FRAME_BYTES,
    handleProtocols: () => SUBPROTOCOL,
  });
  const server = createServer(
    {
      ...tls(),
      minVersion: 'TLSv1.2',
      requestCert: true,
      // [W1] Whoever has no good certificate is told so over HTTP, and can get one there: TLS would only hang up.
      rejectUnauthorized: false,
      handshakeTimeout: handshakeTimeoutMs,
      headersTimeout: handshakeTimeoutMs,
      requestTimeout: handshakeTimeoutMs,
    },
    (request, response) => {
      response.setHeader('connection', 'close');
      if (serveHttp(request, response, peerOf(request.socket as TLSSocket, clock.now()))) return;
      response.writeHead(426, { upgrade: 'websocket' });
      response.end('This is the tunnel of an Octograph gateway: edge nodes connect here.\n');
    },
  );
  const budget = new AcceptBudget({ ...accept, now: () => clock.monotonic() });
  guardFrontDoor(server, budget);

  server.on('tlsClientError', (error, socket) => {
    logger.warn({ remote: socket.remoteAddress, reason: messageOf(error) }, 'TLS handshake refused');
  });

  const turnAway = (socket: Duplex, status: string, reason: string, fields: object) => {
    logger.warn({ ...fields, reason }, 'edge node refused');
    refuse(socket, status, reason);
  };
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const remote = request.socket.remoteAddress;
    const peer = peerOf(request.socket as TLSSocket, clock.now());
    if (peer.kind === 'anonymous') {
      const reason = 'a client certificate is needed: octograph edge join gets one for a token';
      return turnAway(socket, '401 Unauthorized', reason, { remote });
    }
    if (peer.kind === 'untrusted') return turnAway(socket, '403 Forbidden', peer.reason, { remote });
    const { certificate } = peer;
    const node = certificate.nodeName;
    const refusal = judge(certificate);
    if (refusal) {
      handler.onRefused?.(node, refusal);
      return turnAway(socket, '403 Forbidden', refusal, { remote, node });
    }
    if (!offersSubprotocol(request)) {
      const offered = request.headers['sec-websocket-protocol'] ?? 'no subprotocol';
      const reason = `this gateway speaks ${SUBPROTOCOL}, the node offers ${offered}: upgrade the older one`;
      handler.onRefused?.(node, reason);
      return turnAway(socket, '426 Upgrade Required', reason, { remote, node });
    }
    webSockets.handleUpgrade(request, socket, head, (ws) =>
      adaptWebSocket(ws, (accepted) => nodes.accept(accepted, certificate)),
    );
  });

  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });

  const port = await listen(server, listener, 'the tunnel');
  let closing: Promise<void> | undefined;
  return {
    port,
    get accepted() {
      return budget.accepted;
    },
    get shed() {
      return budget.shed;
    },
    sessions: () => nodes.list(),
    review() {
      for (const session of nodes.list()) {
        const reason = expiry(session.certificate, clock.now()) ?? judge(session.certificate);
        if (reason) session.close(CLOSE.notAuthorized, reason);
      }
    },
    renewTls: () => server.setSecureContext({ ...tls(), minVersion: 'TLSv1.2' }),
    close() {
      closing ??= new Promise((resolve) => {
        const cancel = clock.setTimer(CLOSE_WITHIN_MS, () => {
          for (const socket of sockets) socket.destroy();
        });
        server.close(() => {
          cancel();
          resolve();
        });
        nodes.closeAll(CLOSE.goingAway, 'the gateway is going away', retryAfterMs);
      });
      return closing;
    },
  };
}

/** Sessions end within a second; what is left then is in the middle of a handshake. */
const CLOSE_WITHIN_MS = 1500;

/** Longest that a node is asked to stay away for the sake of the others. */
const MAX_WINDOW_MS = 60_000;

/** [W29] Time in which so many nodes come back without being turned away: half of the budget is for those who retry. */
const reconnectWindow = (nodeCount: number, perSecond: number) =>
  Math.min(MAX_WINDOW_MS, Math.round((nodeCount / (perSecond / 2)) * 1000));

const expiry = ({ nodeName, validTo }: NodeCertificate, now: number) =>
  now > validTo
    ? `the certificate of node ${nodeName} has expired at ${new Date(validTo).toISOString()}`
    : undefined;

const offersSubprotocol = ({ headers }: IncomingMessage) =>
  (headers['sec-websocket-protocol'] ?? '').split(',').some((offered) => offered.trim() === SUBPROTOCOL);

function refuse(socket: Duplex, status: string, reason: string): void {
  const body = `${reason}\n`;
  socket.end(
    `HTTP/1.1 ${status}\r\ncontent-type: text/plain; charset=utf-8\r\nconnection: close\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
