import type { ExecutionResult } from 'graphql';
import type { DownMessage, UpMessage } from './messages.ts';

/** What the edge says first. Identity is not in it: that comes from the client certificate alone. */
export interface Hello {
  /** Identity of the node's store; a new one is a new history. */
  storeId: string;
  /** Grows at each start of the store. */
  epoch: number;
  /** The replica that this store last synced with, and up to which seq it acknowledged. */
  replicaId?: string;
  ackedSeq: number;
  /** Hash of the edge subgraph's SDL. */
  schemaHash: string;
  /** Octograph's version. */
  version: string;
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
  signal?: AbortSignal;
}

/** One connected edge node, as the cloud sees it. */
export interface NodeSession {
  readonly nodeName: string;
  readonly hello: Hello;
  /** Wall clock, milliseconds. */
  readonly connectedAt: number;
  send(message: DownMessage): void;
  /** Runs one operation on the node's own edge subgraph. Rejects with `EDGE_NODE_DISCONNECTED` when the link ends. */
  execute(request: GraphqlRequest): Promise<ExecutionResult>;
  close(code: number, reason: string): void;
}

/** What the cloud does with its nodes; the composition root implements it. */
export interface NodeSessionHandler {
  onConnected(session: NodeSession): void;
  /** Called in the order in which the node sent; the next one comes after the promise settles. */
  onMessage(session: NodeSession, message: UpMessage): void | Promise<void>;
  onDisconnected(session: NodeSession, reason: string): void;
}

/** The cloud, as a connected edge node sees it. */
export interface CloudSession {
  readonly welcome: Welcome;
  send(message: UpMessage): void;
  /** Bytes not yet taken by the socket: a sender waits while it is high. */
  readonly bufferedBytes: number;
}

export interface CloudSessionHandler {
  onConnected(session: CloudSession): void;
  onMessage(session: CloudSession, message: DownMessage): void | Promise<void>;
  onDisconnected(reason: string): void;
}
