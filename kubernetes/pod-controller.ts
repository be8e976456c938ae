import type { Clock } from '../lib/clock.ts';
import { type Closable, Disposables } from '../lib/disposables.ts';
import { codeOf } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import type { KubeNode, KubePod } from '../twin/cluster-object.ts';
import type { KubeClient } from './client.ts';
import { isManaged } from './node-object.ts';
import type { ObjectCache } from './object-cache.ts';
import { startReconciler } from './reconciler.ts';
import { objectPath, PODS } from './resources.ts';
import { fencedClient, UNFENCED, type WriteFence } from './write-fence.ts';

export interface PodControllerOptions {
  client: KubeClient;
  /** @default always */
  fence?: WriteFence;
  pods: ObjectCache<KubePod>;
  nodes: ObjectCache<KubeNode>;
  clock: Clock;
  /** 0 ≤ random() < 1 */
  random: () => number;
  logger: Logger;
}

export type PodPlan =
  | { kind: 'none' }
  | { kind: 'status'; status: { phase: string; reason: string; message: string } }
  /** The deletion waits for a kubelet's word that nothing runs any more. */
  | { kind: 'remove' };

const NO_RUNTIME = {
  phase: 'Pending',
  reason: 'NoContainerRuntime',
  message: 'the edge node runs no containers yet',
} as const;

/** What is to be done about a pod that is bound to a node of ours. A status that others gave it is left alone. */
export function planPod({ metadata, status }: KubePod): PodPlan {
  if (metadata.deletionTimestamp) return { kind: 'remove' };
  const { phase = 'Pending', reason } = status ?? {};
  if (phase !== NO_RUNTIME.phase || reason === NO_RUNTIME.reason) return { kind: 'none' };
  return { kind: 'status', status: NO_RUNTIME };
}

/** Says of each pod on a node of ours why it does not run, once, and lets it go when it is deleted. */
export function startPodController({
  client: unfenced,
  fence = UNFENCED,
  pods,
  nodes,
  clock,
  random,
  logger,
}: PodControllerOptions): Closable {
  const client = fencedClient(unfenced, fence);
  const open = new Disposables();
  const reconciler = open.use(
    startReconciler({
      what: 'write Pod status',
      reconcile,
      after: Promise.all([nodes.whenSynced, pods.whenSynced]),
      fence,
      clock,
      random,
      logger,
    }),
  );

  async function reconcile(uid: string): Promise<void> {
    const pod = pods.byUid(uid);
    if (!pod || !isOurs(pod)) return;
    const plan = planPod(pod);
    switch (plan.kind) {
      case 'none':
        return;
      case 'status': {
        const path = objectPath(PODS, pod.metadata, 'status');
        // With the uid: another pod of this name is not meant.
        const body = { metadata: { uid }, status: plan.status };
        return ignoreGone(client.patch(path, body, 'application/merge-patch+json'));
      }
      case 'remove': {
        const options = { gracePeriodSeconds: 0, preconditions: { uid } };
        return ignoreGone(client.remove(objectPath(PODS, pod.metadata), options));
      }
    }
  }

  // A pod whose node is not known yet comes with its node.
  const isOurs = (pod: KubePod) => isManaged(nodes.get('', pod.spec.nodeName ?? ''));
  for (const pod of pods.list()) if (isOurs(pod)) reconciler.enqueue(pod.metadata.uid!);
  open.add(
    pods.onChange(({ kind, object }) => {
      if (kind !== 'deleted' && isOurs(object)) reconciler.enqueue(object.metadata.uid!);
    }),
  );
  open.add(
    nodes.onChange(({ kind, object }) => {
      if (kind === 'deleted' || !isManaged(object)) return;
      for (const pod of pods.byNode(object.metadata.name)) reconciler.enqueue(pod.metadata.uid!);
    }),
  );

  return { close: () => open.close() };
}

/** The pod went away before its turn: the cache will say so. */
async function ignoreGone(request: Promise<unknown>): Promise<void> {
  try {
    await request;
  } catch (error) {
    if (codeOf(error) !== 'KUBERNETES_NOT_FOUND') throw error;
  }
}
