import { CLOSE } from './close-codes.ts';
import type { ConnectionEnd } from './connection.ts';
import type { Hello, NodeSession } from './contract.ts';
import { PROTOCOL, versionProblem, type WireHello } from './handshake.ts';
import { NodePeer, type NodePeerOptions } from './node-peer.ts';
import type { NodeCertificate } from './peer.ts';
import type { SocketEvents, SocketLike } from './socket.ts';

export interface NodeSessionsOptions extends NodePeerOptions {
  replicaId: string | ((nodeName: string) => string);
}

/** The cloud's end, whatever carries it: at most one live session per node. */
export class NodeSessions {
  readonly #options: NodeSessionsOptions;
  /** Every connection, those that have not said hello yet among them. */
  readonly #peers = new Set<NodePeer>();
  readonly #live = new Map<string, NodePeer>();

  constructor(options: NodeSessionsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#live.size;
  }

  list(): NodeSession[] {
    return [...this.#live.values()];
  }

  /** `certificate` is what the transport has verified. */
  accept(socket: SocketLike, certificate: NodeCertificate): SocketEvents {
    const peer: NodePeer = new NodePeer(socket, certificate, this.#options, {
      hello: (hello) => this.#admit(peer, hello),
      ended: (end) => this.#ended(peer, end),
    });
    this.#peers.add(peer);
    return peer.connection;
  }

  closeAll(code: number, reason: string, retryAfterMs?: number): void {
    for (const { connection } of [...this.#peers]) connection.close(code, reason, retryAfterMs);
  }

  #admit(peer: NodePeer, hello: WireHello): void {
    const { replicaId, clock, handler, logger } = this.#options;
    const { connection, nodeName } = peer;
    const problem = versionProblem(PROTOCOL, hello.protocol);
    if (problem) {
      connection.close(CLOSE.versionMismatch, problem);
      return;
    }
    const old = this.#live.get(nodeName);
    if (old && isOutdated(hello, old.hello)) {
      connection.close(CLOSE.superseded, `a later start of the store of node ${nodeName} is connected`);
      return;
    }
    // [W7] The old session hears of its end before the new one is announced.
    old?.close(CLOSE.superseded, `superseded by a newer connection of node ${nodeName}`);
    this.#live.set(nodeName, peer);
    connection.sendWelcome({
      protocol: PROTOCOL,
      replicaId: typeof replicaId === 'string' ? replicaId : replicaId(nodeName),
      serverTime: clock.now(),
    });
    peer.open(hello);
    logger.info({ node: nodeName, storeId: hello.storeId, version: hello.version }, 'edge node connected');
    handler.onConnected(peer);
  }

  #ended(peer: NodePeer, { code, reason }: ConnectionEnd): void {
    const { handler, logger } = this.#options;
    const { nodeName } = peer;
    this.#peers.delete(peer);
    if (this.#live.get(nodeName) !== peer) {
      logger.warn({ node: nodeName, code, reason }, 'edge node not admitted');
      handler.onRefused?.(nodeName, reason);
      return;
    }
    this.#live.delete(nodeName);
    logger.info({ node: nodeName, code, reason }, 'edge node disconnected');
    handler.onDisconnected(peer, reason);
  }
}

/** [W7] The same store in an earlier start: a process that should be gone must not push out its successor. */
const isOutdated = (hello: Hello, live: Hello) => hello.storeId === live.storeId && hello.epoch < live.epoch;
