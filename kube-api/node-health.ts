import { isDeepStrictEqual } from 'node:util';
import { type KubeObject, kubeTime, valueAt } from './kube-object.ts';

interface NodeCondition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  lastHeartbeatTime?: string;
  lastTransitionTime?: string;
}

interface Taint {
  key: string;
  value?: string;
  effect: string;
  timeAdded?: string;
}

/** The conditions that a node which is not heard of any more has Unknown. */
const JUDGED_CONDITIONS = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'];

const HEALTH_TAINTS: Readonly<Record<string, string>> = {
  False: 'node.kubernetes.io/not-ready',
  Unknown: 'node.kubernetes.io/unreachable',
};

const conditionsOf = (node: KubeObject) => (valueAt(node, 'status.conditions') ?? []) as NodeCondition[];
const readyOf = (node: KubeObject) => conditionsOf(node).find(({ type }) => type === 'Ready');

/** A text that changes with every sign of life of a node: of its Lease, or of its Ready condition. */
export const signOfLife = (node: KubeObject, lease: KubeObject): string =>
  `${valueAt(lease, 'spec.renewTime')} ${readyOf(node)?.lastHeartbeatTime}`;

/** The node as one that has not been heard of for too long. `now`: wall clock, milliseconds. */
export function asUnreachable(node: KubeObject, now: number): KubeObject {
  const given = conditionsOf(node);
  const judged = JUDGED_CONDITIONS.map((type): NodeCondition => {
    const known = given.find((condition) => condition.type === type);
    if (known?.status === 'Unknown') return known;
    return {
      ...(known ?? { type, lastHeartbeatTime: node.metadata.creationTimestamp }),
      status: 'Unknown',
      reason: known ? 'NodeStatusUnknown' : 'NodeStatusNeverUpdated',
      message: known ? 'Kubelet stopped posting node status.' : 'Kubelet never posted node status.',
      lastTransitionTime: kubeTime(now),
    };
  });
  const others = given.filter(({ type }) => !JUDGED_CONDITIONS.includes(type));
  const status = { ...(node.status as object | undefined), conditions: [...others, ...judged] };
  return withHealthTaints({ ...node, status }, now);
}

/** The node with the taints that belong to its Ready condition, and without those that do not; itself if nothing changes. */
export function withHealthTaints(node: KubeObject, now: number): KubeObject {
  const wanted = HEALTH_TAINTS[readyOf(node)?.status ?? ''];
  const ours = Object.values(HEALTH_TAINTS);
  const before = (valueAt(node, 'spec.taints') ?? []) as Taint[];
  const kept = before.filter(({ key }) => key === wanted || !ours.includes(key));
  const missing = ['NoSchedule', 'NoExecute'].filter(
    (effect) => wanted && !kept.some((taint) => taint.key === wanted && taint.effect === effect),
  );
  const added = missing.map((effect) => ({ key: wanted!, effect, timeAdded: kubeTime(now) }));
  const taints = [...kept, ...added];
  if (isDeepStrictEqual(taints, before)) return node;
  const { taints: _, ...spec } = (node.spec ?? {}) as { taints?: Taint[] };
  return { ...node, spec: { ...spec, ...(taints.length > 0 ? { taints } : {}) } };
}
