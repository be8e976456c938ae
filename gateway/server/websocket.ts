import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { isForwarded } from './authentication.ts';
import { WebSocketConnection, type WebSocketConnectionOptions } from './websocket-connection.ts';
import { DeliveryTurns } from './websocket-delivery.ts';
import { CloseCode, subprotocol } from './websocket-message.ts';

export type WebSocketEndpointOptions = Omit<WebSocketConnectionOptions, 'turns'>;

export interface WebSocketEndpoint {
  /** Takes over a connection that the door has let in. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Sends 1001 to every client and takes no more; resolves when all have gone. */
  drain(): Promise<void>;
  /** Cuts those that have not gone. */
  terminate(): void;
}

/** graphql-transport-ws over the operations that HTTP uses. */
export function createWebSocketEndpoint(options: WebSocketEndpointOptions): WebSocketEndpoint {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: options.limits.frameBytes,
    handleProtocols: (offered) => (offered.has(subprotocol) ? subprotocol : false),
  });
  const turns = new DeliveryTurns();
  const connections = new Map<WebSocket, WebSocketConnection>();

  return {
    upgrade: (request, duplex, head) => {
      const { headers } = request;
      const credentials = { authorization: headers.authorization, forwarded: isForwarded(headers) };
      server.handleUpgrade(request, duplex, head, (socket) => {
        if (socket.protocol !== subprotocol) {
          socket.close(CloseCode.SubprotocolNotAcceptable, 'Subprotocol not acceptable');
          return;
        }
        connections.set(socket, new WebSocketConnection(socket, duplex, credentials, { ...options, turns }));
        socket.once('close', () => connections.delete(socket));
      });
    },
    drain: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const connection of connections.values()) connection.close(CloseCode.GoingAway, 'Going away');
      }),
    terminate: () => {
      for (const client of server.clients) client.terminate();
    },
  };
}
