import { type Clock, every, toIso } from '../lib/clock.ts';
import { type Closable, type Close, Disposables } from '../lib/disposables.ts';
import { codeOf } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import type { KubeNode } from '../twin/cluster-object.ts';
import type { KubeClient } from './client.ts';
import type { EdgeNodeInfo } from './node-machine.ts';
import {
  isManaged,
  LEASE_NAMESPACE,
  newLease,
  newNode,
  planNodeLabels,
  planNodeStatus,
} from './node-object.ts';
import type { ObjectCache } from './object-cache.ts';
import { startReconciler } from './reconciler.ts';
import { collectionPath, LEASES, NODES, objectPath } from './resources.ts';
import { fencedClient, UNFENCED, type WriteFence } from './write-fence.ts';

export interface NodeControllerOptions {
  client: KubeClient;
  /** @default always */
  fence?: WriteFence;
  nodes: ObjectCache<KubeNode>;
  clock: Clock;
  /** 0 ≤ random() < 1 */
  random: () => number;
  logger: Logger;
  /** How long a node may be away before it is no longer Ready. @default 40_000 */
  gracePeriodMs?: number;
  /** @default 10_000 */
  leaseRenewMs?: number;
}

export interface NodeController extends Closable {
  /** The edge node is connected; called again when what it tells of itself has changed. */
  nodeConnected(name: string, info: EdgeNodeInfo): void;
  nodeDisconnected(name: string): void;
  /** Whether the Node is one that we created, and answer for. */
  manages(name: string): boolean;
}

type Link =
  | {
      kind: 'connected';
      info: EdgeNodeInfo;
      renewAt: number;
      /** What it told since, and when that counts. */
      next?: { info: EdgeNodeInfo; at: number };
    }
  /** `lost` once the grace period is over. */
  | { kind: 'away'; lost: boolean; cancel: Close };

/** A kubelet's figure; the cluster takes a node for lost when its Lease is this old. */
const LEASE_SECONDS = 40;

/** How often it is looked what is due. */
const TICK_MS = 1_000;

/** A node that tells something else all the time is heard this often, for the API server's sake. */
const HEAR_MS = 5_000;

/** Requests for Nodes, and for Leases, at once. */
const CONCURRENCY = 8;

/**
 * Stands in for the kubelet of edge nodes that have none: creates the Node where it is absent, keeps its Ready condition at
 * what the link says, and renews its Lease while the link is up. A Node that somebody else created is never touched.
 * Level-based: what is deleted or changed by others is put right, and Nodes of an earlier run are known by their label.
 */
export function startNodeController({
  client: unfenced,
  fence = UNFENCED,
  nodes,
  clock,
  random,
  logger,
  gracePeriodMs = 40_000,
  leaseRenewMs = 10_000,
}: NodeControllerOptions): NodeController {
  const client = fencedClient(unfenced, fence);
  const open = new Disposables();
  const links = new Map<string, Link>();
  const shared = { after: nodes.whenSynced, fence, clock, random, logger, concurrency: CONCURRENCY };
  const statuses = open.use(
    startReconciler({ ...shared, what: 'write Node status', reconcile: reconcileNode }),
  );
  const leases = open.use(
    startReconciler({
      ...shared,
      what: 'renew node Leases',
      reconcile: renewLease,
      retryCapMs: leaseRenewMs,
    }),
  );

  async function reconcileNode(name: string): Promise<void> {
    const link = links.get(name);
    const node = nodes.get('', name);
    if (!link || (link.kind === 'away' && !link.lost)) return;
    const now = toIso(clock.now());
    if (!node) {
      if (link.kind === 'away') {
        links.delete(name);
        return;
      }
      await client.create(collectionPath(NODES), newNode(name, link.info, now));
      return;
    }
    if (!isManaged(node)) return;
    const labels = link.kind === 'connected' && planNodeLabels(node, link.info);
    if (labels) {
      // The status follows with the Node's change: the version that is known here is over.
      await client.patch(objectPath(NODES, { name }), labels, 'application/merge-patch+json');
      return;
    }
    const patch = planNodeStatus(node, link.kind === 'away' ? { kind: 'lost' } : link, now);
    if (patch)
      await client.patch(objectPath(NODES, { name }, 'status'), patch, 'application/merge-patch+json');
  }

  async function renewLease(name: string): Promise<void> {
    const node = nodes.get('', name);
    if (links.get(name)?.kind !== 'connected' || !isManaged(node)) return;
    const lease = newLease(node, LEASE_SECONDS, toIso(clock.now()));
    const path = objectPath(LEASES, { namespace: LEASE_NAMESPACE, name });
    try {
      // With the owner: a Node that was created anew would otherwise lose its Lease with the old one.
      const body = { metadata: { ownerReferences: lease.metadata.ownerReferences }, spec: lease.spec };
      await client.patch(path, body, 'application/merge-patch+json');
    } catch (error) {
      if (codeOf(error) !== 'KUBERNETES_NOT_FOUND') throw error;
      await client.create(collectionPath(LEASES, LEASE_NAMESPACE), lease);
    }
  }

  function enterAway(name: string): void {
    const cancel = clock.setTimer(gracePeriodMs, () => {
      links.set(name, { kind: 'away', lost: true, cancel });
      statuses.enqueue(name);
    });
    links.set(name, { kind: 'away', lost: false, cancel });
  }

  function leave(name: string): void {
    const link = links.get(name);
    if (link?.kind === 'away') link.cancel();
  }

  open.add(
    every(clock, TICK_MS, () => {
      const now = clock.monotonic();
      for (const [name, link] of links) {
        if (link.kind !== 'connected') continue;
        if (link.renewAt <= now) {
          link.renewAt = now + leaseRenewMs;
          leases.enqueue(name);
        }
        if (link.next && link.next.at <= now) {
          link.info = link.next.info;
          link.next = undefined;
          statuses.enqueue(name);
        }
      }
    }),
  );

  function look(node: KubeNode): void {
    const { name } = node.metadata;
    if (links.has(name)) statuses.enqueue(name);
    // A Node of an earlier run whose edge node has not come back yet.
    else if (isManaged(node)) enterAway(name);
  }
  for (const node of nodes.list()) look(node);
  open.add(
    nodes.onChange(({ kind, object }) => {
      if (kind !== 'deleted') look(object);
      else statuses.enqueue(object.metadata.name);
      // Its Lease waited for it, or went away with the one before.
      if (kind === 'added') leases.enqueue(object.metadata.name);
    }),
  );
  open.add(() => {
    for (const name of links.keys()) leave(name);
  });

  return {
    nodeConnected(name, info) {
      const before = links.get(name);
      if (before?.kind === 'connected') {
        before.next = { info, at: before.next?.at ?? clock.monotonic() + HEAR_MS };
        return;
      }
      leave(name);
      // The first renewal at once, the later ones spread: nodes that came back together do not renew together.
      links.set(name, { kind: 'connected', info, renewAt: clock.monotonic() + leaseRenewMs * random() });
      const node = nodes.get('', name);
      if (node && !isManaged(node)) {
        logger.info(
          { node: name },
          `Node ${name} was not created by us: its status and Lease are left alone`,
        );
      }
      statuses.enqueue(name);
      leases.enqueue(name);
    },
    nodeDisconnected(name) {
      if (links.get(name)?.kind !== 'connected') return;
      enterAway(name);
    },
    manages: (name) => isManaged(nodes.get('', name)),
    close: () => open.close(),
  };
}
