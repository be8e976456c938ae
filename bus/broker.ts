import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, TLSSocket } from 'node:tls';
import { Aedes, type AedesPublishPacket, type Client } from 'aedes';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import { hostInUrl, type Listener, listen } from '../lib/listen.ts';
import type { Logger } from '../lib/logger.ts';
import type { BusUser } from './acl-file.ts';
import { limitOfflineQueues, type OutgoingQueue } from './offline-queue.ts';
import { PacketScanner } from './packet-scanner.ts';
import { type SessionMemory, SessionStore } from './session-store.ts';

const LOOPBACK = '127.0.0.1';
const ANY_ADDRESS = new Set(['0.0.0.0', '::', '']);

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

/** Certificates of the listener, as PEM. */
export interface BrokerTls {
  cert: string;
  key: string;
  /** Clients must show a certificate of this authority: its common name is their user name, and they need no password. */
  ca?: string;
}

/** What a client may do with topics; `AclFile` is one. */
export interface TopicAccess {
  mayPublish(user: BusUser, topic: string): boolean;
  maySubscribe(user: BusUser, filter: string): boolean;
}

export interface BrokerOptions extends Listener {
  logger: Logger;
  clock: Clock;
  limits?: Partial<BrokerLimits>;
  /** Who may connect; everybody where it is left out, which only a loopback listener should do. */
  authenticate?: (username: string | undefined, password: string | undefined) => boolean | Promise<boolean>;
  /** Who may read and write what; everybody everything where it is left out. */
  access?: TopicAccess;
  /** The node's own clients: they may connect, read and write, whatever the others may. */
  owner?: { username: string; password: string };
  tls?: BrokerTls;
  /** SQLite file for retained messages and persistent sessions; without it they end with the process. */
  sessionsPath?: string;
}

export interface Broker {
  port: number;
  /** `mqtt://127.0.0.1:1883`, or `mqtts://…` */
  url: string;
  /** For the node's own clients: loopback, and without TLS, whose certificate is for another name. */
  ownUrl: string;
  close(): Promise<void>;
}

/**
 * The embedded MQTT 3.1.1 broker.
 * @throws OctographError `PORT_TAKEN`
 */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const { host, port, logger, clock, access, tls, sessionsPath } = options;
  const { maxConnections, maxPacketBytes, maxOfflineMessages, maxRetainedTopics, drainTimeoutMs } = {
    ...DEFAULT_LIMITS,
    ...options.limits,
  };
  const retained = new Set<string>();
  const connected = new Set<string>();
  const users = new WeakMap<Client, string | undefined>();
  const userOf = (client: Client): BusUser => ({ name: users.get(client), clientId: client.id });
  const isOwner = (client: Client) =>
    options.owner !== undefined && users.get(client) === options.owner.username;
  const may = (client: Client | null, check: (access: TopicAccess, user: BusUser) => boolean) =>
    access === undefined || client === null || isOwner(client) || check(access, userOf(client));

  const aedes = await Aedes.createBroker({
    drainTimeout: drainTimeoutMs,
    maxClientsIdLength: 256,
    authenticate(client, username, password, done) {
      identify(client, username, password?.toString(), options).then(
        (user) => {
          if (user.isKnown) users.set(client, user.name);
          done(null, user.isKnown);
        },
        (error) => {
          logger.warn({ client: client.id, error: messageOf(error) }, 'mqtt client not identified');
          done(null, false);
        },
      );
    },
    authorizePublish(client, { topic, retain, payload }, done) {
      if (topic.startsWith('$SYS/')) return done(new Error(`${topic} is the broker's own`));
      if (!may(client, (rules, user) => rules.mayPublish(user, topic)))
        return done(new Error(`may not publish on ${topic}`));
      if (!retain) return done();
      if (payload.length === 0) retained.delete(topic);
      else if (retained.size < maxRetainedTopics) retained.add(topic);
      else if (!retained.has(topic)) return done(new Error(`over ${maxRetainedTopics} retained topics`));
      done();
    },
    authorizeSubscribe(client, subscription, done) {
      const isAllowed = may(client, (rules, user) => rules.maySubscribe(user, subscription.topic));
      // Without an error: the client is told that this one subscription failed, and keeps the others.
      done(null, isAllowed ? subscription : null);
    },
    // A session may be older than the rules: what it once subscribed to is held to them, too.
    ...(access && {
      authorizeForward: (client: Client, packet: AedesPublishPacket) =>
        may(client, (rules, user) => rules.maySubscribe(user, packet.topic)) ? packet : null,
    }),
  });
  aedes.on('client', (client) => connected.add(client.id));
  aedes.on('clientDisconnect', (client) => connected.delete(client.id));
  aedes.on('clientError', (client, error) =>
    logger.warn({ client: client.id, error: error.message }, 'mqtt client disconnected'),
  );
  aedes.on('connectionError', (_client, error) =>
    logger.debug({ error: error.message }, 'mqtt connection failed'),
  );
  const { persistence } = aedes as unknown as { persistence: OutgoingQueue & SessionMemory };
  limitOfflineQueues(persistence, maxOfflineMessages, (clientId) => connected.has(clientId));
  const sessions = sessionsPath
    ? await SessionStore.open({ path: sessionsPath, memory: persistence, clock, logger })
    : undefined;
  for (const topic of sessions?.restoredTopics ?? []) retained.add(topic);

  const sockets = new Set<Socket>();
  const accept = (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.setNoDelay(true);
    limitPackets(socket, maxPacketBytes, () => {
      logger.warn({ remote: socket.remoteAddress, maxPacketBytes }, 'mqtt packet too long or malformed');
    });
    aedes.handle(socket);
  };
  const plain = createServer(accept);
  const secure =
    tls && createTlsServer({ ...tls, requestCert: tls.ca !== undefined, rejectUnauthorized: true }, accept);
  const server = secure ?? plain;
  server.maxConnections = maxConnections;
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= Promise.all([endOf(plain, sockets), secure && endOf(secure, sockets)])
      .then(() => sessions?.close())
      .then(() => new Promise<void>((resolve) => aedes.close(resolve)));
    return closing;
  };
  try {
    const boundPort = await listen(server, { host, port }, 'the MQTT broker');
    const ownPort = secure ? await listen(plain, { host: LOOPBACK, port: 0 }, 'the MQTT broker') : boundPort;
    // Where the listener has an address of its own, loopback is not among it.
    const ownHost = secure || ANY_ADDRESS.has(host) ? LOOPBACK : host;
    return {
      port: boundPort,
      url: `${tls ? 'mqtts' : 'mqtt'}://${hostInUrl(host)}:${boundPort}`,
      ownUrl: `mqtt://${hostInUrl(ownHost)}:${ownPort}`,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** By certificate, as the node itself, or by name and password. */
async function identify(
  client: Client,
  username: string | undefined,
  password: string | undefined,
  { authenticate, owner, tls }: BrokerOptions,
): Promise<{ isKnown: true; name: string | undefined } | { isKnown: false }> {
  if (owner && username === owner.username) {
    return isSecret(password, owner.password) ? { isKnown: true, name: username } : { isKnown: false };
  }
  if (tls?.ca !== undefined) {
    if (!(client.conn instanceof TLSSocket)) return { isKnown: false };
    return { isKnown: true, name: String(client.conn.getPeerCertificate().subject?.CN ?? '') };
  }
  const isKnown = await (authenticate?.(username, password) ?? true);
  return isKnown ? { isKnown, name: username } : { isKnown };
}

function isSecret(given: string | undefined, secret: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return given !== undefined && timingSafeEqual(digest(given), digest(secret));
}

function endOf(server: Server, sockets: Iterable<Socket>): Promise<void> {
  return new Promise((resolve) => {
    // It calls back with an error where it never listened: that is the end, too.
    server.close(() => resolve());
    for (const socket of sockets) socket.destroy();
  });
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
