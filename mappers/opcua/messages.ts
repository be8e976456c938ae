import type { Quality, TwinValue, ValueType } from '../../twin/value.ts';
import type { BrowsedNode } from '../contract.ts';
import type { Endpoint } from './endpoint.ts';
import type { Deadband } from './visitor.ts';

/**
 * What the edge process and the OPC UA process say to each other. They are one program of one version: the messages are
 * not checked, and not numbered. Servers and subscriptions are named by numbers that the edge process gives.
 */
export type ToChild =
  | { type: 'open'; server: number; endpoint: Endpoint }
  | { type: 'close'; server: number }
  | {
      type: 'subscribe';
      server: number;
      subscription: number;
      publishingMs: number;
      items: MonitoredNode[];
    }
  | { type: 'unsubscribe'; server: number; subscription: number }
  | { type: 'request'; server: number; id: number; request: OpcuaRequest }
  | { type: 'ping' };

export type FromChild =
  | { type: 'up'; server: number }
  | { type: 'down'; server: number; reason: string }
  | { type: 'values'; server: number; subscription: number; values: NodeValue[] }
  | { type: 'result'; server: number; id: number; result: unknown }
  | { type: 'failure'; server: number; id: number; code: string; message: string }
  | { type: 'pong' };

/** A node, and what its value is to become. */
export interface NodeOfType {
  nodeId: string;
  type: ValueType;
}

export interface MonitoredNode extends NodeOfType {
  samplingMs: number;
  deadband?: Deadband;
}

/** By its place in the list that was asked for. A tuple: twenty thousand of them a second go through here. */
export type NodeValue = [
  index: number,
  value: TwinValue,
  quality: Quality,
  /** Wall clock, milliseconds: the source's timestamp where there is one. */
  observedAt: number,
  /** The status code where it is not Good. */
  raw?: string,
];

export type OpcuaRequest =
  | { kind: 'read'; nodes: NodeOfType[] }
  /** Written with the node's own data type, and read back. */
  | { kind: 'write'; node: NodeOfType; value: TwinValue }
  | { kind: 'call'; objectId: string; methodId: string; args: Record<string, TwinValue> }
  | { kind: 'browse'; nodeId: string };

export interface Replies {
  read: NodeValue[];
  write: NodeValue;
  call: TwinValue;
  browse: BrowsedNode[];
}
