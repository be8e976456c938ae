import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ExecutionArgs, GraphQLError } from 'graphql';
import { CloseCode, handleProtocols, makeServer } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Clock } from '../../lib/clock.ts';
import { codeOf, messageOf } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import { type AccessOptions, authenticate, isForwarded, type Principal } from './authentication.ts';
import { limitError } from './document-limits.ts';
import type { Engine } from './engine.ts';
import { createErrorMask, formatError } from './errors.ts';
import type { Limits } from './limits.ts';
import { createWebSocketAdapter } from './websocket-adapter.ts';
import { type StartedOperation, startOperation } from './websocket-operation.ts';

export interface WebSocketEndpointOptions {
  engine: Engine;
  access: AccessOptions;
  limits: Limits;
  clock: Clock;
  logger: Logger;
}

export interface WebSocketEndpoint {
  /** Takes over a connection that the door has let in. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Sends 1001 to every client and takes no more; resolves when all have gone. */
  drain(): Promise<void>;
  /** Cuts those that have not gone. */
  terminate(): void;
}

interface Session {
  socket: WebSocket;
  request: IncomingMessage;
  /** Set by `connection_init`. */
  principal?: Principal;
  /** Operations that have not settled, also those that the client has given up. */
  running: number;
}

/** graphql-transport-ws over the engine that HTTP uses. */
export function createWebSocketEndpoint(options: WebSocketEndpointOptions): WebSocketEndpoint {
  const { limits, clock, logger } = options;
  const server = new WebSocketServer({ noServer: true, maxPayload: limits.frameBytes, handleProtocols });
  const protocol = createProtocol(options);

  server.on('connection', (socket: WebSocket, request: IncomingMessage) => {
    socket.on('error', (error) => logger.debug({ reason: messageOf(error) }, 'WebSocket failed'));
    const adapter = createWebSocketAdapter(socket, {
      clock,
      pingMs: limits.pingMs,
      unsentBytes: limits.unsentBytes,
      onFailure: (error) => {
        if (isUnexpectedMessage(error)) return socket.close(CloseCode.BadRequest, 'Unexpected message');
        // A send that meets a broken socket says nothing about us.
        if (codeOf(error) === undefined) logger.error({ err: error }, 'WebSocket message failed');
        socket.close(CloseCode.InternalServerError, 'Internal server error');
      },
    });
    const closed = protocol.opened(adapter, { socket, request, running: 0 });
    socket.once('close', (code, reason) => {
      closed(code, String(reason)).catch((error) => logger.error({ err: error }, 'WebSocket close failed'));
    });
  });

  return {
    upgrade: (request, socket, head) => {
      server.handleUpgrade(request, socket, head, (webSocket) =>
        server.emit('connection', webSocket, request),
      );
    },
    drain: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const client of server.clients) client.close(1001, 'Going away');
      }),
    terminate: () => {
      for (const client of server.clients) client.terminate();
    },
  };
}

function createProtocol({ engine, access, limits, logger }: WebSocketEndpointOptions) {
  const mask = createErrorMask(logger);
  const resultsOf = (args: ExecutionArgs) => (args as StartedOperation).results;

  return makeServer<Record<string, unknown>, Session>({
    connectionInitWaitTimeout: limits.initTimeoutMs,
    onConnect: async ({ extra: session, connectionParams }) => {
      const { headers } = session.request;
      const authorization = authorizationOf(connectionParams) ?? headers.authorization;
      const authentication = await authenticate({ authorization, forwarded: isForwarded(headers) }, access);
      if (authentication.kind === 'authenticated') {
        session.principal = authentication.principal;
        return true;
      }
      const code = authentication.kind === 'missing' ? CloseCode.Unauthorized : CloseCode.Forbidden;
      session.socket.close(code, authentication.reason);
      // The first close code stands: graphql-ws adds a 4403 that is no longer sent.
      return false;
    },
    onSubscribe: async ({ extra: session }, _id, payload) => {
      if (session.running >= limits.operationsPerConnection) return [tooManyOperations(session.running)];
      session.running++;
      // graphql-ws takes no subscribe before `connection_init` is acknowledged.
      const principal = session.principal!;
      const onSettled = () => {
        session.running--;
      };
      return startOperation({ engine, principal, payload, mask, onSettled });
    },
    execute: resultsOf,
    subscribe: resultsOf,
    onNext: (_context, _id, _payload, _args, result) =>
      result.errors ? { ...result, errors: result.errors.map(formatError) } : undefined,
    onError: (_context, _id, _payload, errors) =>
      errors.map((error) => (error instanceof GraphQLError ? formatError(error) : error)),
  });
}

function authorizationOf(params: Record<string, unknown> | undefined): string | undefined {
  const value = params?.authorization ?? params?.Authorization;
  // What is there but no string is wrong credentials, not missing ones.
  return value === undefined || value === null ? undefined : String(value);
}

function tooManyOperations(running: number): GraphQLError {
  return limitError(
    'LIMIT_OPERATIONS',
    `${running} operations are running on this connection, as many as are allowed: complete one first.`,
  );
}

/** graphql-ws throws for a message type that only servers send, and has no other sign of it than the text. */
function isUnexpectedMessage(error: unknown): boolean {
  return messageOf(error).startsWith('Unexpected message of type');
}
