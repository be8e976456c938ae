import type { Quality, TwinValue, ValueType } from '../../twin/value.ts';
import type { BrowsedNode } from '../contract.ts';
import type { Endpoint } from './endpoint.ts';
import type { PackedValues } from './packed-values.ts';
import type { Deadband } from './visitor.ts';

/**
 * What the edge process and the OPC UA process say to each other. They are one program of one version: the messages are
 * not checked, and not numbered. `user` is the number of a server, which the edge process gives, as it does for subscriptions.
 */
export type ToChild =
  | { type: 'open'; user: number; endpoint: Endpoint }
  | { type: 'close'; user: number }
  | {
      type: 'subscribe';
      user: number;
      subscription: number;
      publishingMs: number;
      items: MonitoredNode[];
    }
  | { type: 'unsubscribe'; user: number; subscription: number }
  | { type: 'request'; user: number; id: number; request: OpcuaRequest };

export type FromChild =
  | { type: 'up'; user: number }
  | { type: 'down'; user: number; reason: string }
  | { type: 'values'; user: number; subscription: number; values: PackedValues }
  | { type: 'result'; user: number; id: number; result: unknown }
  | { type: 'failure'; user: number; id: number; code: string; message: string };

/** A node, and what its value is to become. */
export interface NodeOfType {
  nodeId: string;
  type: ValueType;
}

export interface MonitoredNode extends NodeOfType {
  samplingMs: number;
  deadband?: Deadband;
}

/** By its place in the list that was asked for. */
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
