import type { Hello, Welcome } from './contract.ts';
import { checkMachine } from './machine-check.ts';
import { count, record, text } from './wire-fields.ts';

export const SUBPROTOCOL = 'octograph.tunnel.v1';

export interface ProtocolVersion {
  major: number;
  minor: number;
}

export const PROTOCOL: ProtocolVersion = { major: 1, minor: 1 };

export type WireHello = Hello & { protocol: ProtocolVersion };
export type WireWelcome = Welcome & { protocol: ProtocolVersion };

/** [W5] Undefined when both can talk: the same major, minors at most one apart. Else what an operator has to do. */
export function versionProblem(gateway: ProtocolVersion, node: ProtocolVersion): string | undefined {
  if (gateway.major === node.major && Math.abs(gateway.minor - node.minor) <= 1) return undefined;
  const behind = isOlder(node, gateway) ? 'the node' : 'the gateway';
  return `the node speaks tunnel ${show(node)}, the gateway ${show(gateway)}: upgrade ${behind}`;
}

const isOlder = (a: ProtocolVersion, b: ProtocolVersion) =>
  a.major < b.major || (a.major === b.major && a.minor < b.minor);

const show = ({ major, minor }: ProtocolVersion) => `${major}.${minor}`;

/** Fields that a newer minor version adds are ignored. */
export function checkHello(value: unknown): WireHello {
  const fields = record('hello', value);
  return {
    protocol: version('hello', fields.protocol),
    storeId: text('hello', 'storeId', fields.storeId),
    epoch: count('hello', 'epoch', fields.epoch),
    replicaId: fields.replicaId === undefined ? undefined : text('hello', 'replicaId', fields.replicaId),
    ackedSeq: count('hello', 'ackedSeq', fields.ackedSeq),
    schemaHash: text('hello', 'schemaHash', fields.schemaHash),
    version: text('hello', 'version', fields.version),
    machine: fields.machine === undefined ? undefined : checkMachine(fields.machine),
    lastSeq: fields.lastSeq === undefined ? undefined : count('hello', 'lastSeq', fields.lastSeq),
  };
}

export function checkWelcome(value: unknown): WireWelcome {
  const fields = record('welcome', value);
  return {
    protocol: version('welcome', fields.protocol),
    replicaId: text('welcome', 'replicaId', fields.replicaId),
    serverTime: count('welcome', 'serverTime', fields.serverTime),
  };
}

export interface Goodbye {
  reason: string;
  /** Milliseconds that the peer asks not to be dialled. */
  retryAfterMs?: number;
}

export function checkGoodbye(value: unknown): Goodbye {
  const fields = record('goodbye', value);
  return {
    reason: text('goodbye', 'reason', fields.reason),
    retryAfterMs:
      fields.retryAfterMs === undefined ? undefined : count('goodbye', 'retryAfterMs', fields.retryAfterMs),
  };
}

function version(frame: string, value: unknown): ProtocolVersion {
  const { major, minor } = record(frame, value);
  return { major: count(frame, 'protocol.major', major), minor: count(frame, 'protocol.minor', minor) };
}
