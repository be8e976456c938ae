import { once } from 'node:events';
import { createServer } from 'node:https';
import { inflateRawSync } from 'node:zlib';
import { WebSocket, WebSocketServer } from 'ws';
import { listen } from '../../lib/listen.ts';
import { Reassembler } from '../../tunnel/fragments.ts';
import { parseFrame } from '../../tunnel/frame.ts';
import { SUBPROTOCOL } from '../../tunnel/handshake.ts';
import type { TlsFiles } from '../../tunnel/tls-files.ts';

export interface TunnelTap {
  /** `wss://…`, for the node to dial. */
  readonly url: string;
  /** Where it dials on behalf of the node; changed at any time, it holds for the next connection. */
  target: string;
  /** How often each needle went by, in what way ever: as a message of a channel, inflated, or in a frame of another kind. */
  found(...needles: Array<string | Buffer>): number[];
  /** Ends all connections, and lets none in while `on`. */
  refuse(on: boolean): void;
  close(): Promise<void>;
}

/** A man in the middle who has everybody's keys: ends TLS on both sides, hands on every message and keeps it, unpacked. */
export async function startTunnelTap(server: TlsFiles, node: TlsFiles, target: string): Promise<TunnelTap> {
  const seen: Buffer[] = [];
  const sockets = new Set<WebSocket>();
  let isRefusing = false;
  const https = createServer({ ...server, requestCert: true });
  const front = new WebSocketServer({ server: https, verifyClient: () => !isRefusing });

  const record = (channels: Record<'sync' | 'graphql', Reassembler>, data: Buffer) => {
    const frame = parseFrame(data);
    if (frame.type !== 'sync' && frame.type !== 'graphql') return void seen.push(data);
    const message = channels[frame.type].add(frame);
    if (message) seen.push(Buffer.from(message.deflated ? inflateRawSync(message.bytes) : message.bytes));
  };
  const relay = (from: WebSocket, to: WebSocket, opened: Promise<unknown>) => {
    const channels = { sync: new Reassembler('sync'), graphql: new Reassembler('graphql') };
    sockets.add(from);
    from.on('message', async (data: Buffer) => {
      record(channels, data);
      await opened;
      to.send(data);
    });
    from.on('error', () => {});
    from.on('close', () => {
      sockets.delete(from);
      to.terminate();
    });
  };
  const tap: TunnelTap = {
    url: '',
    target,
    found: (...needles) =>
      needles.map((needle) => seen.filter((bytes) => bytes.includes(needle as string)).length),
    refuse(on) {
      isRefusing = on;
      if (on) for (const socket of sockets) socket.terminate();
    },
    async close() {
      for (const socket of sockets) socket.terminate();
      front.close();
      https.close();
      await once(https, 'close');
    },
  };
  front.on('connection', (edge) => {
    const cloud = new WebSocket(tap.target, SUBPROTOCOL, { ...node, perMessageDeflate: false });
    const opened = once(cloud, 'open').catch(() => edge.terminate());
    relay(edge, cloud, opened);
    relay(cloud, edge, Promise.resolve());
  });
  const port = await listen(https, { host: '127.0.0.1', port: 0 }, 'the tap');
  return Object.assign(tap, { url: `wss://127.0.0.1:${port}` });
}
