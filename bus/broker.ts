import { createServer, type Socket } from 'node:net';
import { Aedes } from 'aedes';
import { type Listener, listen } from '../lib/listen.ts';
import type { Logger } from '../lib/logger.ts';
import { limitOfflineQueues, type OutgoingQueue } from './offline-queue.ts';
import { PacketScanner } from './packet-scanner.ts';

export interface BrokerLimits {
  /** Further connections are closed at once. */
  maxConnections: number;
  /** A client that sends a longer packet is disconnected. */
  maxPacketBytes: number;
  /** Messages kept for one client of a persistent session while it is away; later ones are not. */
  maxOfflineMessages: number;
  /** Topics with a retained message; a client that retains on one more is disconnected. */
  maxRetainedTopics: number;
  /** A client that does not take its messages for so long is disconnected, so that it holds up nobody else. */
  drainTimeoutMs: number;
}

export const DEFAULT_LIMITS: BrokerLimits = {
  maxConnections: 1_000,
  maxPacketBytes: 262_144,
  maxOfflineMessages: 1_000,
  maxRetainedTopics: 10_000,
  drainTimeoutMs: 5_000,
};

export interface BrokerOptions extends Listener {
  logger: Logger;
  limits?: Partial<BrokerLimits>;
  /** Who may connect; everybody where it is left out, which only a loopback listener should do. */
  authenticate?: (username: string | undefined, password: string | undefined) => boolean | Promise<boolean>;
}

export interface Broker {
  port: number;
  /** `mqtt://127.0.0.1:1883` */
  url: string;
  close(): Promise<void>;
}

/**
 * The embedded MQTT 3.1.1 broker. It keeps retained messages and sessions in memory only.
 * @throws OctographError `PORT_TAKEN`
 */
export async function startBroker({
  host,
  port,
  logger,
  limits,
  authenticate,
}: BrokerOptions): Promise<Broker> {
  const { maxConnections, maxPacketBytes, maxOfflineMessages, maxRetainedTopics, drainTimeoutMs } = {
    ...DEFAULT_LIMITS,
    ...limits,
  };
  const retained = new Set<string>();
  const connected = new Set<string>();
  const aedes = await Aedes.createBroker({
    drainTimeout: drainTimeoutMs,
    maxClientsIdLength: 256,
    authenticate(_client, username, password, done) {
      Promise.resolve(authenticate?.(username, password?.toString()) ?? true).then(
        (allowed) => done(null, allowed),
        () => done(null, false),
      );
    },
    authorizePublish(_client, { topic, retain, payload }, done) {
      if (topic.startsWith('$SYS/')) return done(new Error(`${topic} is the broker's own`));
      if (!retain) return done();
      if (payload.length === 0) retained.delete(topic);
      else if (retained.size < maxRetainedTopics) retained.add(topic);
      else if (!retained.has(topic)) return done(new Error(`over ${maxRetainedTopics} retained topics`));
      done();
    },
  });
  aedes.on('client', (client) => connected.add(client.id));
  aedes.on('clientDisconnect', (client) => connected.delete(client.id));
  aedes.on('clientError', (client, error) =>
    logger.warn({ client: client.id, error: error.message }, 'mqtt client disconnected'),
  );
  aedes.on('connectionError', (_client, error) =>
    logger.debug({ error: error.message }, 'mqtt connection failed'),
  );
  const { persistence } = aedes as unknown as { persistence: OutgoingQueue };
  limitOfflineQueues(persistence, maxOfflineMessages, (clientId) => connected.has(clientId));

  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.setNoDelay(true);
    limitPackets(socket, maxPacketBytes, () => {
      logger.warn({ remote: socket.remoteAddress, maxPacketBytes }, 'mqtt packet too long or malformed');
    });
    aedes.handle(socket);
  });
  server.maxConnections = maxConnections;
  const boundPort = await listen(server, { host, port }, 'the MQTT broker');

  let closing: Promise<void> | undefined;
  return {
    port: boundPort,
    url: `mqtt://${host}:${boundPort}`,
    close() {
      closing ??= new Promise<void>((resolve) => {
        server.close(() => aedes.close(() => resolve()));
        for (const socket of sockets) socket.destroy();
      });
      return closing;
    },
  };
}

/** aedes pulls with `read`, and buffers packets of any length: so they are measured on their way through. */
function limitPackets(socket: Socket, maxBytes: number, onExceeded: () => void): void {
  const scanner = new PacketScanner(maxBytes);
  const read = socket.read.bind(socket);
  socket.read = (size?: number) => {
    const chunk: Buffer | null = read(size);
    if (chunk === null || scanner.accepts(chunk)) return chunk;
    onExceeded();
    socket.destroy();
    return null;
  };
}
