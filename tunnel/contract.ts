import type { ExecutionResult } from 'graphql';
import type { Machine } from '../twin/machine.ts';
import type { DownMessage, UpMessage } from './messages.ts';
import type { NodeCertificate } from './peer.ts';

/** What the edge says first. Identity is not in it: that comes from the client certificate alone. */
export interface Hello {
  /** Identity of the node's store; a new one is a new history. */
  storeId: string;
  /** Grows at each start of the store. */
  epoch: number;
  /** The replica that this store last synced with, and up to which seq it acknowledged. */
  replicaId?: string;
  ackedSeq: number;
  /** [W37] The last position that the store gave; absent in tunnel 1.0. */
  lastSeq?: number;
  /** Hash of the edge subgraph's SDL. */
  schemaHash: string;
  /** Octograph's version. */
  version: string;
  /** The computer that it runs on; what changes of it comes in a message. */
  machine?: Machine;
}

export interface Welcome {
  /** The replica on the other end; another one than last time wants a full snapshot. */
  replicaId: string;
  /** Cloud wall clock, milliseconds, when the welcome was written. */
  serverTime: number;
}

export interface GraphqlRequest {
  query: string;
  variables?: Record<string, unknown>;
  operationName?: string;
  /** Milliseconds that the caller still waits for the answer; the node need not work for longer. */
  timeoutMs?: number;
  signal?: AbortSignal;
}

/** One connected edge node, as the cloud sees it. */
export interface NodeSession {
  readonly nodeName: string;
  /** What the node proved itself with. */
  readonly certificate: NodeCertificate;
  readonly hello: Hello;
  /** Wall clock, milliseconds. */
  readonly connectedAt: number;
  /**
   * Queues a message; dropped when the session has ended: only what the other end acknowledges has arrived.
   * @throws OctographError `TUNNEL_MESSAGE_TOO_LARGE` over 16 MiB
   */
  send(message: DownMessage): void;
  /**
   * Runs one operation on the node's own edge subgraph. Rejects with `EDGE_NODE_DISCONNECTED` when the link ends, with
   * `EDGE_NODE_BUSY` when 1024 operations are in flight, and with the signal's reason when that aborts.
   */
  execute(request: GraphqlRequest): Promise<ExecutionResult>;
  /** A subscription of the node's own edge subgraph; fails like `execute`, and when its reader is 1024 results behind. */
  subscribe(request: GraphqlRequest): AsyncIterableIterator<ExecutionResult>;
  /** Bytes not yet taken by the socket: a sender waits while it is high. Beyond 64 MiB the connection ends. */
  readonly bufferedBytes: number;
  /** Milliseconds of the last ping's way there and back. */
  readonly rttMs: number | undefined;
  /** Milliseconds since the oldest report that we have not acknowledged was made, as of the node's last ping; 0 without one. */
  readonly lagMs: number | undefined;
  /** Bytes of frames of this connection, without what TLS and WebSocket add. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** `code` is one of those in SPEC.md, such as 4403. */
  close(code: number, reason: string): void;
}

/** What the cloud does with its nodes; the composition root implements it. */
export interface NodeSessionHandler {
  onConnected(session: NodeSession): void;
  /** Called in the order in which the node sent; the next one comes after the promise settles. */
  onMessage(session: NodeSession, message: UpMessage): void | Promise<void>;
  onDisconnected(session: NodeSession, reason: string): void;
  /** A node that proved who it is was turned away: revoked, or of another version. */
  onRefused?(nodeName: string, reason: string): void;
}

/** The cloud, as a connected edge node sees it. */
export interface CloudSession {
  readonly welcome: Welcome;
  /** [W5] Minor version of the protocol that both ends speak. */
  readonly minor: number;
  /**
   * Queues a message; dropped when the session has ended: only what the other end acknowledges has arrived.
   * @throws OctographError `TUNNEL_MESSAGE_TOO_LARGE` over 16 MiB
   */
  send(message: UpMessage): void;
  /** Bytes not yet taken by the socket: a sender waits while it is high. Beyond 64 MiB the connection ends. */
  readonly bufferedBytes: number;
}

export interface CloudSessionHandler {
  onConnected(session: CloudSession): void;
  onMessage(session: CloudSession, message: DownMessage): void | Promise<void>;
  /** `code` is one of those in SPEC.md. */
  onDisconnected(reason: string, code: number): void;
}

/** The link to the cloud, as the edge shows it to an operator. */
export interface LinkState {
  up: boolean;
  /** Wall clock, milliseconds; when it went up or down. */
  since: number;
  rttMs?: number;
  /** Cloud wall clock minus ours, milliseconds, as of the last answer. */
  clockOffsetMs?: number;
  /** Why it is, or was last, down, in words for an operator. */
  lastError?: string;
  /** How often it came up again since the start. */
  reconnects: number;
  /** Bytes of frames since the start, without what TLS and WebSocket add. */
  bytesIn: number;
  bytesOut: number;
}
