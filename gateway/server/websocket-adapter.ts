import type { WebSocket as ProtocolSocket } from 'graphql-ws';
import type { WebSocket } from 'ws';
import { type Clock, every } from '../../lib/clock.ts';

export interface WebSocketAdapterOptions {
  clock: Clock;
  pingMs: number;
  /** Beyond it the socket is not read: what a client does not take, it cannot make grow by asking for more. */
  unsentBytes: number;
  onFailure: (error: unknown) => void;
}

/**
 * A socket of `ws` as the protocol server wants it: sends are awaited, so a source is pulled at its client's pace;
 * a client that answers no ping, gone or not reading, is cut.
 */
export function createWebSocketAdapter(socket: WebSocket, options: WebSocketAdapterOptions): ProtocolSocket {
  const { clock, pingMs, unsentBytes, onFailure } = options;
  let answered = true;
  const stopPing = every(clock, pingMs, () => {
    if (!answered) return socket.terminate();
    answered = false;
    socket.ping();
  });
  socket.on('pong', () => {
    answered = true;
  });
  socket.once('close', stopPing);

  const readAtItsPace = () => {
    if (socket.bufferedAmount > unsentBytes) socket.pause();
    else if (socket.isPaused) socket.resume();
  };

  return {
    protocol: socket.protocol,
    send: (data) =>
      new Promise((resolve, reject) => {
        if (socket.readyState !== socket.OPEN) return resolve();
        socket.send(data, (error) => {
          readAtItsPace();
          if (error) reject(error);
          else resolve();
        });
      }),
    close: (code, reason) => socket.close(code, reason),
    onMessage: (handle) =>
      socket.on('message', (data) => {
        readAtItsPace();
        handle(String(data)).catch(onFailure);
      }),
  };
}
