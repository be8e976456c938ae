import type { WebSocket } from 'ws';
import type { SocketLike, TakeSocket } from './socket.ts';

/** An open WebSocket of the `ws` package as a `SocketLike`. */
export function adaptWebSocket(ws: WebSocket, take: TakeSocket): void {
  const socket: SocketLike = {
    send(bytes, taken) {
      ws.send(bytes, { binary: true }, (error) => {
        if (!error) taken();
      });
    },
    get bufferedBytes() {
      return ws.bufferedAmount;
    },
    close: (code, reason) => ws.close(code, reason),
    terminate: () => ws.terminate(),
  };
  const events = take(socket);
  ws.on('message', (data, isBinary) => events.message(isBinary ? data : String(data)));
  ws.once('close', (code, reason) => events.closed(code, String(reason)));
  // An error is always followed by `close`, with the code that tells it (1009 for a message over maxPayload).
  ws.on('error', () => {});
}
