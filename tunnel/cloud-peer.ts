import type { ServerOptions } from 'graphql-ws';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import { CLOSE } from './close-codes.ts';
import { Connection, type ConnectionEnd, type PongAnswer } from './connection.ts';
import type { CloudSession, CloudSessionHandler, Hello } from './contract.ts';
import { GraphqlServer } from './graphql-server.ts';
import { PROTOCOL, versionProblem, type WireWelcome } from './handshake.ts';
import { checkDownMessage } from './message-check.ts';
import type { UpMessage } from './messages.ts';
import type { SocketLike } from './socket.ts';

export interface CloudPeerOptions {
  hello: () => Hello;
  handler: CloudSessionHandler;
  serveGraphql: ServerOptions;
  /** Milliseconds since the oldest report that the cloud has not acknowledged was made; 0 without one. */
  lagMs?: () => number | undefined;
  pingMs: number;
  handshakeTimeoutMs: number;
  clock: Clock;
  logger: Logger;
}

interface CloudPeerEvents {
  /** The cloud has admitted this node. */
  live(): void;
  pong(answer: PongAnswer): void;
  ended(end: ConnectionEnd): void;
}

/** One connection to the cloud. */
export class CloudPeer {
  readonly connection: Connection;
  readonly #options: CloudPeerOptions;
  readonly #events: CloudPeerEvents;
  readonly #graphql: GraphqlServer;
  #session: CloudSession | undefined;

  constructor(socket: SocketLike, options: CloudPeerOptions, events: CloudPeerEvents) {
    const { logger, serveGraphql } = options;
    this.#options = options;
    this.#events = events;
    this.#graphql = new GraphqlServer({
      serve: serveGraphql,
      send: (text) => new Promise((taken) => this.connection.sendGraphql(text, taken)),
      fault: (reason) => this.connection.close(CLOSE.protocolViolation, reason),
      logger,
    });
    this.connection = new Connection({
      ...options,
      socket,
      role: 'edge',
      events: {
        hello: () => {},
        welcome: (welcome) => this.#welcome(welcome),
        sync: (message) => this.#sync(message),
        graphql: (text) => this.#graphql.receive(text),
        pong: (answer) => events.pong(answer),
        ended: (end) => this.#ended(end),
      },
    });
  }

  /** Says hello; a hello that cannot be made ends the connection. */
  open(): void {
    try {
      this.connection.sendHello({ ...this.#options.hello(), protocol: PROTOCOL });
    } catch (error) {
      this.connection.close(CLOSE.internalError, `the hello could not be made: ${messageOf(error)}`);
    }
  }

  #welcome(welcome: WireWelcome): void {
    const problem = versionProblem(welcome.protocol, PROTOCOL);
    if (problem) {
      this.connection.close(CLOSE.versionMismatch, problem);
      return;
    }
    this.#session = sessionOf(this.connection, welcome);
    this.connection.ping();
    this.#events.live();
    this.#options.handler.onConnected(this.#session);
  }

  #sync(message: unknown): void | Promise<void> {
    // The state table lets no sync frame through before the welcome.
    if (this.#session) return this.#options.handler.onMessage(this.#session, checkDownMessage(message));
  }

  #ended(end: ConnectionEnd): void {
    this.#graphql.close(end.code, end.reason);
    this.#events.ended(end);
    if (this.#session) this.#options.handler.onDisconnected(end.reason, end.code);
  }
}

const sessionOf = (connection: Connection, welcome: WireWelcome): CloudSession => ({
  welcome,
  minor: Math.min(PROTOCOL.minor, welcome.protocol.minor),
  send: (message: UpMessage) => connection.sendSync(message),
  get bufferedBytes() {
    return connection.bufferedBytes;
  },
});
