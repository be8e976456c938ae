import { connect, createServer, type Socket } from 'node:net';
import { listen } from '../../lib/listen.ts';

/** What the line does to bytes; changed at any time, it holds for what comes next. */
export interface Line {
  /** Milliseconds, one way. */
  latencyMs: number;
  /** Milliseconds added at random, 0 to this; the order of bytes stays. */
  jitterMs: number;
  /** Each way; 0 is as fast as it goes. */
  bytesPerSecond: number;
}

export interface FaultProxy {
  readonly port: number;
  readonly line: Line;
  /** Connections that are open now. */
  readonly connections: number;
  /** Bytes forwarded since the start, both ways. */
  readonly forwarded: number;
  /** Ends every connection in order (FIN). */
  cut(): void;
  /** Ends every connection with a reset (RST). */
  reset(): void;
  /** Resets the connections once so many more bytes went through, counted both ways; resolves when that has happened. */
  cutAfter(bytes: number): Promise<void>;
  /** Every connection stays open and nothing goes through any more, as if a cable were pulled. */
  halfOpen(): void;
  /** New connections are refused, or accepted again. */
  refuse(on: boolean): Promise<void>;
  close(): Promise<void>;
}

interface Pair {
  sockets: [Socket, Socket];
  dead: boolean;
}

/** A TCP proxy to `target` that does to a connection what networks do. */
export async function startFaultProxy(target: { port: number }): Promise<FaultProxy> {
  const pairs = new Set<Pair>();
  const line: Line = { latencyMs: 0, jitterMs: 0, bytesPerSecond: 0 };
  let forwarded = 0;
  let bytesUntilCut = Number.POSITIVE_INFINITY;
  let onCut = () => {};

  const server = createServer((downstream) => {
    const upstream = connect({ host: '127.0.0.1', port: target.port });
    const pair: Pair = { sockets: [downstream, upstream], dead: false };
    pairs.add(pair);
    const end = () => {
      // A pulled cable does not tell the other end that one has given up.
      if (pair.dead && pair.sockets.some(({ destroyed }) => !destroyed)) return;
      pairs.delete(pair);
      for (const socket of pair.sockets) socket.destroy();
    };
    for (const socket of pair.sockets) {
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.on('close', end);
    }
    forward(pair, downstream, upstream);
    forward(pair, upstream, downstream);
  });

  function forward(pair: Pair, from: Socket, to: Socket): void {
    let freeAt = 0;
    let lastAt = 0;
    let queued = 0;
    const write = (chunk: Buffer) => {
      queued -= chunk.length;
      if (queued <= QUEUE_BYTES && from.isPaused()) from.resume();
      if (pair.dead || to.destroyed) return;
      const part = chunk.subarray(0, Math.max(0, Math.min(chunk.length, bytesUntilCut)));
      forwarded += part.length;
      bytesUntilCut -= chunk.length;
      if (part.length > 0) to.write(part);
      if (bytesUntilCut <= 0) {
        bytesUntilCut = Number.POSITIVE_INFINITY;
        resetAll();
        onCut();
      }
    };
    from.on('data', (chunk) => {
      queued += chunk.length;
      if (queued > QUEUE_BYTES) from.pause();
      const now = performance.now();
      freeAt =
        Math.max(now, freeAt) + (line.bytesPerSecond ? (chunk.length / line.bytesPerSecond) * 1000 : 0);
      lastAt = Math.max(lastAt, freeAt + line.latencyMs + Math.random() * line.jitterMs);
      if (lastAt <= now) write(chunk);
      else setTimeout(write, lastAt - now, chunk);
    });
  }

  function resetAll(): void {
    for (const { sockets } of [...pairs]) for (const socket of sockets) socket.resetAndDestroy();
  }

  const port = await listen(server, { host: '127.0.0.1', port: 0 }, 'the fault proxy');
  return {
    port,
    line,
    get connections() {
      return pairs.size;
    },
    get forwarded() {
      return forwarded;
    },
    cut() {
      for (const { sockets } of [...pairs]) for (const socket of sockets) socket.destroy();
    },
    reset: resetAll,
    cutAfter(bytes) {
      bytesUntilCut = bytes;
      return new Promise((resolve) => {
        onCut = resolve;
      });
    },
    halfOpen() {
      for (const pair of pairs) pair.dead = true;
    },
    async refuse(on) {
      // Closing a server only stops it from accepting: open connections live on.
      if (on) server.close();
      else if (!server.listening) await listen(server, { host: '127.0.0.1', port }, 'the fault proxy');
    },
    close() {
      return new Promise((resolve) => {
        server.close(() => resolve());
        resetAll();
      });
    },
  };
}

/** Read ahead per direction; a slow line pushes back on who writes to it. */
const QUEUE_BYTES = 16 * 1024;
