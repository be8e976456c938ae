import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { OctographError } from '../../lib/errors.ts';
import type { Listener } from '../../lib/listen.ts';
import type { AccessOptions } from './authentication.ts';
import { isLoopback } from './door.ts';

export interface GraphqlListener extends Listener {
  /** PEM. With it the listener speaks https and wss. */
  tls?: { cert: string | Buffer; key: string | Buffer };
}

/** The time a client has to send the head of a request, and the whole of it. */
const headersTimeoutMs = 10_000;
const requestTimeoutMs = 30_000;
/** Bytes written to a socket before its source is no longer pulled: what a thousand stalled clients cost is a thousand times this. */
const highWaterMark = 16 * 1024;
/** Connections accepted beyond the limit, to be told so; those beyond these are cut without a word. */
const refusalReserve = 100;

/**
 * Other machines are served over TLS and after authentication only.
 * @throws OctographError `LISTENER_UNSAFE`, naming the listener and what it lacks.
 */
export function assertSafeListener(
  what: string,
  { host, tls }: GraphqlListener,
  access: AccessOptions,
): void {
  if (isLoopback(host)) return;
  const lacks: string[] = [];
  if (!tls) lacks.push('a TLS certificate and key');
  if (!access.tokens) lacks.push('authentication by tokens');
  if (access.anonymous) lacks.push(`no anonymous access (it is "${access.anonymous}")`);
  if (lacks.length === 0) return;
  throw new OctographError(
    'LISTENER_UNSAFE',
    `${what} would listen on ${host}, which other machines can reach: that needs ${lacks.join(', ')}; or listen on 127.0.0.1`,
  );
}

/** @returns the server, not yet listening, and whether a socket came beyond the limit of open ones. */
export function createListener(
  { tls }: GraphqlListener,
  connectionLimit: number,
  handle: RequestListener,
): { server: Server; isBeyondLimit: (socket: object) => boolean } {
  const server = tls
    ? createTlsServer({ ...tls, highWaterMark, minVersion: 'TLSv1.2' }, handle)
    : createServer({ highWaterMark }, handle);
  server.headersTimeout = headersTimeoutMs;
  server.requestTimeout = requestTimeoutMs;
  server.maxConnections = connectionLimit + refusalReserve;

  const beyond = new WeakSet<object>();
  let open = 0;
  server.on(tls ? 'secureConnection' : 'connection', (socket: Duplex) => {
    open++;
    if (open > connectionLimit) beyond.add(socket);
    socket.once('close', () => open--);
  });
  return { server, isBeyondLimit: (socket) => beyond.has(socket) };
}
