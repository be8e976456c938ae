import { isDeepStrictEqual } from 'node:util';
import type { KubeNode, KubeNodeAddress, KubeNodeCondition, KubeNodeInfo } from '../twin/cluster-object.ts';
import { micro } from './lease-step.ts';
import type { LeaseObject } from './resources.ts';

/** Marks a Node that we created. Without it, status and Lease belong to a kubelet or to KubeEdge. */
export const MANAGED_LABEL = 'octograph.dev/managed';

/** Keeps pods off a node that runs none. */
export const NO_RUNTIME_TAINT = { key: 'octograph.dev/no-runtime', effect: 'NoSchedule' } as const;

/** What an edge node tells about its machine. */
export interface EdgeNodeInfo {
  /** @default the node's name as its Hostname */
  addresses?: KubeNodeAddress[];
  /** Quantities as Kubernetes writes them: `cpu: '4'`, `memory: '16Gi'`. Allocatable is said to be the same. */
  capacity?: Record<string, string>;
  /** `kubectl get nodes` shows `kubeletVersion`. Fields left out are empty. */
  nodeInfo?: Partial<KubeNodeInfo>;
}

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
      },
    },
    spec: { taints: [{ ...NO_RUNTIME_TAINT }] },
    status: { ...machineOf(name, info), conditions: [readyCondition('True', undefined, now)] },
  };
}

/**
 * The merge patch of a Node's status, or undefined where it says what it should. Conditions of others stay; the patch holds
 * for the version it was made from only, as it replaces the list.
 */
export function planNodeStatus(node: KubeNode, verdict: NodeVerdict, now: string) {
  const said = node.status ?? {};
  const conditions = said.conditions ?? [];
  const before = conditions.find(({ type }) => type === 'Ready');
  const wanted = verdict.kind === 'connected' ? 'True' : 'Unknown';
  const machine = verdict.kind === 'connected' ? machineOf(node.metadata.name, verdict.info) : {};
  const changed = Object.entries(machine).filter(
    ([field, value]) => !contains(said[field as keyof typeof said], value),
  );
  if (before?.status === wanted && changed.length === 0) return undefined;
  const ready = before?.status === wanted ? before : readyCondition(wanted, before, now);
  return {
    metadata: { resourceVersion: node.metadata.resourceVersion },
    status: {
      ...Object.fromEntries(changed),
      conditions: [...conditions.filter(({ type }) => type !== 'Ready'), ready],
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

function readyCondition(
  status: 'True' | 'Unknown',
  before: KubeNodeCondition | undefined,
  now: string,
): KubeNodeCondition {
  const words =
    status === 'True'
      ? { reason: 'EdgeNodeConnected', message: 'the edge node is connected to the gateway' }
      : { reason: 'NodeStatusUnknown', message: 'the edge node is not connected to the gateway' };
  return {
    type: 'Ready',
    status,
    ...words,
    // When it was last heard of: being away is not a heartbeat.
    lastHeartbeatTime: status === 'True' ? seconds(now) : (before?.lastHeartbeatTime ?? seconds(now)),
    lastTransitionTime: seconds(now),
  };
}

/** Kubernetes keeps times of conditions in whole seconds. */
const seconds = (iso: string) => iso.replace(/\.\d{3}Z$/, 'Z');

function machineOf(name: string, { addresses, capacity, nodeInfo }: EdgeNodeInfo) {
  return {
    addresses: addresses ?? [{ type: 'Hostname', address: name }],
    ...(capacity && { capacity, allocatable: capacity }),
    ...(nodeInfo && { nodeInfo: { ...NO_INFO, ...nodeInfo } }),
  };
}

/** The API requires each of them. */
const NO_INFO: KubeNodeInfo = {
  architecture: '',
  bootID: '',
  containerRuntimeVersion: '',
  kernelVersion: '',
  kubeProxyVersion: '',
  kubeletVersion: '',
  machineID: '',
  operatingSystem: '',
  osImage: '',
  systemUUID: '',
};

/** The server may add fields of its own to an object. */
function contains(said: unknown, wanted: unknown): boolean {
  if (!isRecord(said) || !isRecord(wanted)) return isDeepStrictEqual(said, wanted);
  return Object.entries(wanted).every(([key, value]) => isDeepStrictEqual(said[key], value));
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
