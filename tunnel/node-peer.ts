import type { ExecutionResult } from 'graphql';
import type { Clock } from '../lib/clock.ts';
import { OctographError } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import { Connection, type ConnectionEnd } from './connection.ts';
import type { GraphqlRequest, Hello, NodeSession, NodeSessionHandler } from './contract.ts';
import { GraphqlClient } from './graphql-client.ts';
import type { WireHello } from './handshake.ts';
import { checkUpMessage } from './message-check.ts';
import type { DownMessage } from './messages.ts';
import type { NodeCertificate } from './peer.ts';
import type { SocketLike } from './socket.ts';

export interface NodePeerOptions {
  handler: NodeSessionHandler;
  pingMs: number;
  handshakeTimeoutMs: number;
  /** [W29] How long the nodes spread themselves over when they all come back at once; told with every pong. */
  reconnectWindowMs: () => number;
  clock: Clock;
  logger: Logger;
}

interface NodePeerEvents {
  hello(hello: WireHello): void;
  ended(end: ConnectionEnd): void;
}

/** One connection of an authenticated node; the session that the cloud sees once the node was admitted. */
export class NodePeer implements NodeSession {
  readonly certificate: NodeCertificate;
  readonly connection: Connection;
  readonly #clock: Clock;
  readonly #graphql: GraphqlClient;
  #opened: { hello: Hello; at: number } | undefined;

  constructor(
    socket: SocketLike,
    certificate: NodeCertificate,
    options: NodePeerOptions,
    events: NodePeerEvents,
  ) {
    this.certificate = certificate;
    this.#clock = options.clock;
    const { nodeName } = certificate;
    this.#graphql = new GraphqlClient({ nodeName, send: (text) => this.connection.sendGraphql(text) });
    this.connection = new Connection({
      ...options,
      socket,
      role: 'cloud',
      events: {
        hello: events.hello,
        welcome: () => {},
        sync: (message) => options.handler.onMessage(this, checkUpMessage(message)),
        graphql: (text) => this.#graphql.receive(text),
        pong: () => {},
        ended: (end) => {
          this.#graphql.close(end.reason);
          events.ended(end);
        },
      },
    });
  }

  open(hello: Hello): void {
    this.#opened = { hello, at: this.#clock.now() };
    this.#graphql.open();
    this.connection.ping();
  }

  get nodeName(): string {
    return this.certificate.nodeName;
  }

  get hello(): Hello {
    return this.#admitted.hello;
  }

  get connectedAt(): number {
    return this.#admitted.at;
  }

  get bufferedBytes(): number {
    return this.connection.bufferedBytes;
  }

  get rttMs(): number | undefined {
    return this.connection.rttMs;
  }

  get lagMs(): number | undefined {
    return this.connection.peerLagMs;
  }

  get bytesIn(): number {
    return this.connection.bytesIn;
  }

  get bytesOut(): number {
    return this.connection.bytesOut;
  }

  send(message: DownMessage): void {
    this.connection.sendSync(message);
  }

  execute(request: GraphqlRequest): Promise<ExecutionResult> {
    return this.#graphql.execute(request);
  }

  subscribe(request: GraphqlRequest): AsyncIterableIterator<ExecutionResult> {
    return this.#graphql.subscribe(request);
  }

  close(code: number, reason: string): void {
    this.connection.close(code, reason);
  }

  get #admitted(): { hello: Hello; at: number } {
    if (this.#opened) return this.#opened;
    throw new OctographError('TUNNEL_NOT_ADMITTED', `node ${this.nodeName} has not been admitted yet`);
  }
}
