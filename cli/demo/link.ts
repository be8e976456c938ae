import { connect, createServer, type Server, type Socket } from 'node:net';
import { listen } from '../../lib/listen.ts';
import { HOST } from './layout.ts';

/** The road of one edge node to the tunnel, that an operator of the demo can break. */
export interface Link {
  readonly port: number;
  /** Down resets what is connected, and refuses what comes. */
  set(up: boolean): Promise<void>;
  close(): Promise<void>;
}

/** A TCP proxy on a port of its own, which stays the same while it is down. */
export async function startLink(nodeName: string, tunnelPort: number): Promise<Link> {
  const sockets = new Set<Socket>();
  let server = createServer(relay);
  const port = await listen(server, { host: HOST, port: 0 }, `the link of ${nodeName}`);
  let isUp = true;

  function relay(inbound: Socket): void {
    const outbound = connect(tunnelPort, HOST);
    for (const [socket, other] of [
      [inbound, outbound],
      [outbound, inbound],
    ] as const) {
      sockets.add(socket);
      socket.setNoDelay(true);
      // Which of the two failed makes no difference: a link is up or it is not.
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  }

  const cut = async (closing: Server) => {
    const closed = new Promise<void>((done) => closing.close(() => done()));
    for (const socket of sockets) socket.resetAndDestroy();
    await closed;
  };

  return {
    port,
    async set(up) {
      if (up === isUp) return;
      if (up) {
        const next = createServer(relay);
        await listen(next, { host: HOST, port }, `the link of ${nodeName}`);
        server = next;
        isUp = true;
      } else {
        isUp = false;
        await cut(server);
      }
    },
    async close() {
      if (isUp) await cut(server);
      isUp = false;
    },
  };
}
