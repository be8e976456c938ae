import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { Aedes, type AedesPublishPacket, type Client } from 'aedes';
import type { Clock } from '../lib/clock.ts';
import type { Close } from '../lib/disposables.ts';
import { messageOf } from '../lib/errors.ts';
import { hostInUrl, type Listener, listen } from '../lib/listen.ts';
import type { Logger } from '../lib/logger.ts';
import type { BusUser } from './acl-file.ts';
import { BrokerSessions } from './broker-sessions.ts';
import { ConnectionCount } from './connection-count.ts';
import { GrantedTopics } from './granted-topics.ts';
import { identify } from './identify.ts';
import { type BrokerLimits, DEFAULT_LIMITS } from './limits.ts';
import { Refusals } from './refusals.ts';
import { lookUpRetained, type RetainedMemory } from './retained-lookup.ts';
import { RetainedTopics } from './retained-topics.ts';
import type { SessionFacts } from './sessions.ts';
import { guardSocket } from './socket-guard.ts';

const LOOPBACK = '127.0.0.1';
const ANY_ADDRESS = new Set(['0.0.0.0', '::', '']);

/** What a client is told that asks for a session too many. Source: MQTT 3.1.1, table 3.1. */
const UNAVAILABLE = Object.assign(new Error('Server unavailable'), { returnCode: 3 });

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
  facts(): BrokerFacts;
  close(): Promise<void>;
}

/** How the broker fares; what counts, counts since its start. */
export interface BrokerFacts extends SessionFacts {
  clients: number;
  retainedTopics: number;
  /** Milliseconds that clients were left unread because they sent more than their rates. */
  throttledMs: number;
  /** Connections, messages and subscriptions that a limit turned away. */
  refusals: number;
}

/**
 * The embedded MQTT 3.1.1 broker.
 * @throws OctographError `PORT_TAKEN`
 */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const { host, port, logger, clock, access, tls, sessionsPath } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const retained = new RetainedTopics(limits);
  const granted = new GrantedTopics<Client>(limits);
  const fromAddress = new ConnectionCount(limits.maxAddressConnections);
  const refusals = new Refusals(clock, logger);
  let throttledMs = 0;
  const connected = new Set<string>();
  const users = new WeakMap<Client, string | undefined>();
  /** Lets a connection be one of the node's own: no rates, and not counted by its address. */
  const exempt = new WeakMap<object, Close>();
  const userOf = (client: Client): BusUser => ({ name: users.get(client), clientId: client.id });
  const isOwner = (client: Client) =>
    options.owner !== undefined && users.get(client) === options.owner.username;
  const may = (client: Client | null, check: (access: TopicAccess, user: BusUser) => boolean) =>
    access === undefined || client === null || isOwner(client) || check(access, userOf(client));
  const sessions = new BrokerSessions({
    limits,
    clock,
    logger,
    path: sessionsPath,
    isOwner,
    isGranted: (client, filter) => isOwner(client) || granted.has(client, filter),
  });

  const isTooLong = (topic: string) => Buffer.byteLength(topic) > limits.maxTopicBytes;
  const refuse = (client: Client, topic: string) => {
    refusals.add();
    const { maxSubscriptions, maxTopicBytes } = limits;
    const user = users.get(client);
    logger.warn(
      { client: client.id, user, topic: topic.slice(0, 100), maxSubscriptions, maxTopicBytes },
      'mqtt subscription refused',
    );
  };

  const aedes = await Aedes.createBroker({
    drainTimeout: limits.drainTimeoutMs,
    maxClientsIdLength: 256,
    authenticate(client, username, password, done) {
      identify(client, username, password?.toString(), options).then(
        (user) => {
          if (user.isKnown) users.set(client, user.name);
          if (isOwner(client)) exempt.get(client.conn)?.();
          if (!user.isKnown || sessions.admit(client)) return done(null, user.isKnown);
          const { maxSessions } = limits;
          refusals.tell('mqtt session refused: too many', {
            client: client.id,
            user: user.name,
            maxSessions,
          });
          done(UNAVAILABLE, false);
        },
        (error) => {
          logger.warn({ client: client.id, error: messageOf(error) }, 'mqtt client not identified');
          done(null, false);
        },
      );
    },
    authorizePublish(client, packet, done) {
      const { topic, retain, payload } = packet;
      if (topic.startsWith('$SYS/')) return done(new Error(`${topic} is the broker's own`));
      if (!may(client, (rules, user) => rules.mayPublish(user, topic)))
        return done(new Error(`may not publish on ${topic}`));
      const excess = isTooLong(topic)
        ? `a topic of more than ${limits.maxTopicBytes} bytes`
        : retain
          ? retained.put(topic, payload.length)
          : undefined;
      if (!excess) return sessions.publish(client, packet as AedesPublishPacket, done);
      refusals.add();
      done(new Error(excess));
    },
    authorizeSubscribe(client, subscription, done) {
      const { topic } = subscription;
      const isAllowed = may(client, (rules, user) => rules.maySubscribe(user, topic));
      const hasRoom = () => isOwner(client) || (!isTooLong(topic) && granted.grant(client, topic));
      // Without an error: the client is told that this one subscription failed, and keeps the others.
      if (!isAllowed) return done(null, null);
      if (hasRoom()) return done(null, subscription);
      refuse(client, topic);
      done(null, null);
    },
    authorizeForward(client, packet) {
      // A session may be older than the rules: what it once subscribed to is held to them, too.
      const isAllowed = may(client, (rules, user) => rules.maySubscribe(user, packet.topic));
      if (isAllowed) return sessions.mayForward(client, packet) ? packet : null;
      sessions.withhold(client, packet);
      return null;
    },
  });
  aedes.on('client', (client) => connected.add(client.id));
  aedes.on('clientDisconnect', (client) => connected.delete(client.id));
  aedes.on('unsubscribe', (filters, client) => granted.release(client, filters));
  aedes.on('clientError', (client, error) => {
    if (error !== UNAVAILABLE)
      logger.warn({ client: client.id, error: error.message }, 'mqtt client disconnected');
  });
  aedes.on('connectionError', (_client, error) =>
    logger.debug({ error: error.message }, 'mqtt connection failed'),
  );
  lookUpRetained((aedes as unknown as { persistence: RetainedMemory }).persistence);
  for (const { topic, bytes } of await sessions.join(aedes)) retained.restore(topic, bytes);

  const sockets = new Set<Socket>();
  const accept = (socket: Socket) => {
    const { remoteAddress: remote = '' } = socket;
    const release = fromAddress.take(remote);
    if (!release) {
      const { maxAddressConnections } = limits;
      refusals.tell('mqtt connection refused: too many of one address', { remote, maxAddressConnections });
      return void socket.destroy();
    }
    sockets.add(socket);
    socket.on('close', () => {
      sockets.delete(socket);
      release();
      const { client } = socket as Socket & { client?: Client };
      if (client) sessions.dismiss(client);
    });
    socket.setNoDelay(true);
    const who = () => {
      const { client } = socket as Socket & { client?: Client };
      return { client: client?.id, user: client && users.get(client), remote: socket.remoteAddress };
    };
    let isTold = false;
    const lift = guardSocket(socket, {
      limits,
      clock,
      onViolation() {
        refusals.add();
        logger.warn(
          { ...who(), maxPacketBytes: limits.maxPacketBytes },
          'mqtt packet too long or malformed: client disconnected',
        );
      },
      onThrottled(ms) {
        throttledMs += ms;
        if (isTold) return;
        isTold = true;
        const { messagesPerSecond, bytesPerSecond } = limits;
        logger.warn(
          { ...who(), messagesPerSecond, bytesPerSecond },
          'mqtt client sends too much: it is slowed down',
        );
      },
    });
    exempt.set(socket, () => {
      lift();
      release();
    });
    aedes.handle(socket);
  };
  const plain = createServer(accept);
  const secure =
    tls && createTlsServer({ ...tls, requestCert: tls.ca !== undefined, rejectUnauthorized: true }, accept);
  const server = secure ?? plain;
  server.maxConnections = limits.maxConnections;
  server.on('drop', (drop) => {
    const { maxConnections } = limits;
    refusals.tell('mqtt connection refused: too many', { remote: drop?.remoteAddress, maxConnections });
  });
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= Promise.all([endOf(plain, sockets), secure && endOf(secure, sockets)])
      .then(() => new Promise<void>((resolve) => aedes.close(resolve)))
      .then(() => sessions.close());
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
      facts: () => ({
        ...sessions.facts,
        clients: connected.size,
        retainedTopics: retained.size,
        throttledMs,
        refusals: refusals.count,
      }),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function endOf(server: Server, sockets: Iterable<Socket>): Promise<void> {
  return new Promise((resolve) => {
    // It calls back with an error where it never listened: that is the end, too.
    server.close(() => resolve());
    for (const socket of sockets) socket.destroy();
  });
}
