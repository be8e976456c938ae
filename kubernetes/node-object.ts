import { isDeepStrictEqual } from 'node:util';
import type { KubeNode, KubeNodeCondition } from '../twin/cluster-object.ts';
import { micro } from './lease-step.ts';
import { type EdgeNodeInfo, machineLabels, machineStatus, pressuresOf } from './node-machine.ts';
import type { LeaseObject } from './resources.ts';

/** Marks a Node that we created. Without it, status and Lease belong to a kubelet or to KubeEdge. */
export const MANAGED_LABEL = 'octograph.dev/managed';

/** Keeps pods off a node that runs none. */
export const NO_RUNTIME_TAINT = { key: 'octograph.dev/no-runtime', effect: 'NoSchedule' } as const;

/** What a Node is to say: that its edge node is connected, or has been away for longer than the grace period. */
export type NodeVerdict = { kind: 'connected'; info: EdgeNodeInfo } | { kind: 'lost' };

export const isManaged = (node: KubeNode | undefined): node is KubeNode =>
  node?.metadata.labels?.[MANAGED_LABEL] === 'true';

export function newNode(name: string, info: EdgeNodeInfo, now: string): KubeNode {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        [MANAGED_LABEL]: 'true',
        'kubernetes.io/hostname': name,
        'node-role.kubernetes.io/edge': '',
        ...machineLabels(info),
      },
    },
    spec: { taints: [{ ...NO_RUNTIME_TAINT }] },
    status: {
      ...machineStatus(name, info),
      conditions: conditionsOf([], { kind: 'connected', info }, now),
    },
  };
}

/** The labels that a connected node's machine gives it and that its Node lacks; undefined where it has them. */
export function planNodeLabels({ metadata }: KubeNode, info: EdgeNodeInfo) {
  const labels = machineLabels(info);
  const isSaid = Object.entries(labels).every(([label, value]) => metadata.labels?.[label] === value);
  return isSaid ? undefined : { metadata: { uid: metadata.uid, labels } };
}

/**
 * The merge patch of a Node's status, or undefined where it says what it should. Conditions of others stay; the patch holds
 * for the version it was made from only, as it replaces the list.
 */
export function planNodeStatus(node: KubeNode, verdict: NodeVerdict, now: string) {
  const said = node.status ?? {};
  const before = said.conditions ?? [];
  const conditions = conditionsOf(before, verdict, now);
  const isConnected = verdict.kind === 'connected';
  const machine = isConnected ? machineStatus(node.metadata.name, verdict.info) : {};
  const changed = Object.entries(machine).filter(
    ([field, value]) => !contains(said[field as keyof typeof said], value),
  );
  if (conditions.every((condition) => before.includes(condition)) && changed.length === 0) return undefined;
  const isOurs = ({ type }: KubeNodeCondition) => conditions.some((condition) => condition.type === type);
  return {
    metadata: { resourceVersion: node.metadata.resourceVersion },
    status: {
      ...Object.fromEntries(changed),
      conditions: [...before.filter((condition) => !isOurs(condition)), ...conditions],
    },
  };
}

/** The Lease of a connected node, as a kubelet would hold it. */
export function newLease(node: KubeNode, leaseDurationSeconds: number, now: string): LeaseObject {
  const { name, uid } = node.metadata;
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      name,
      namespace: LEASE_NAMESPACE,
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid: uid! }],
    },
    spec: { holderIdentity: name, leaseDurationSeconds, renewTime: micro(now) },
  };
}

export const LEASE_NAMESPACE = 'kube-node-lease';

/** Those that we answer for, the same objects where they say so already. */
function conditionsOf(
  before: readonly KubeNodeCondition[],
  verdict: NodeVerdict,
  now: string,
): KubeNodeCondition[] {
  return wantedConditions(before, verdict).map((wanted) => {
    const said = before.find(({ type }) => type === wanted.type);
    if (said?.status === wanted.status) return said;
    return {
      ...wanted,
      // When it was last heard of: being away is not a heartbeat.
      lastHeartbeatTime: (verdict.kind === 'lost' && said?.lastHeartbeatTime) || seconds(now),
      lastTransitionTime: seconds(now),
    };
  });
}

function wantedConditions(before: readonly KubeNodeCondition[], verdict: NodeVerdict): KubeNodeCondition[] {
  switch (verdict.kind) {
    case 'connected': {
      const { machine } = verdict.info;
      const message = 'the edge node is connected to the gateway';
      const ready = { type: 'Ready', status: 'True', reason: 'EdgeNodeConnected', message } as const;
      return [...(machine ? pressuresOf(machine.pressure) : []), ready];
    }
    case 'lost': {
      const message = 'the edge node is not connected to the gateway';
      const isTold = (type: string) =>
        type === 'Ready' || before.some((condition) => condition.type === type);
      return KUBELET_CONDITIONS.filter(isTold).map((type) => ({
        type,
        status: 'Unknown',
        reason: 'NodeStatusUnknown',
        message,
      }));
    }
  }
}

/** A kubelet's, in its order; the cluster's node controller turns the same ones to Unknown. */
const KUBELET_CONDITIONS = ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready'] as const;

/** Kubernetes keeps times of conditions in whole seconds. */
const seconds = (iso: string) => iso.replace(/\.\d{3}Z$/, 'Z');

/** The server may add fields of its own to an object. */
function contains(said: unknown, wanted: unknown): boolean {
  if (!isRecord(said) || !isRecord(wanted)) return isDeepStrictEqual(said, wanted);
  return Object.entries(wanted).every(([key, value]) => isDeepStrictEqual(said[key], value));
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
