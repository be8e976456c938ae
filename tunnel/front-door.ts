import type { Server } from 'node:https';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { AcceptBudget } from './accept-budget.ts';

/**
 * [W30] Puts the budget in front of a TLS server: whoever is beyond it is reset before the handshake begins, and costs one
 * system call.
 */
export function guardFrontDoor(server: Server, budget: AcceptBudget): void {
  // The server's own listener starts TLS; it gets to see only who was let in.
  const startTls = server.listeners('connection') as Array<(socket: Socket) => void>;
  server.removeAllListeners('connection');
  const handshaking = new Map<string, () => void>();
  server.on('connection', (socket: Socket) => {
    if (!budget.take()) {
      socket.resetAndDestroy();
      return;
    }
    const key = keyOf(socket);
    const over = () => {
      if (handshaking.get(key) !== over) return;
      handshaking.delete(key);
      budget.release();
    };
    handshaking.set(key, over);
    socket.once('close', over);
    for (const listener of startTls) listener.call(server, socket);
  });
  server.on('secureConnection', (socket: TLSSocket) => handshaking.get(keyOf(socket))?.());
}

/** TLS wraps the socket in another one: what both know is whom they talk to. */
const keyOf = ({ remoteAddress, remotePort }: Pick<Socket, 'remoteAddress' | 'remotePort'>) =>
  `${remoteAddress} ${remotePort}`;
