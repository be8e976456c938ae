import { isDeepStrictEqual } from 'node:util';
import { every } from '../../lib/clock.ts';
import type { Close } from '../../lib/disposables.ts';
import type { ApiContext } from '../handlers/context.ts';
import { leases } from '../kinds/lease.ts';
import { nodes } from '../kinds/node.ts';
import type { KubeObject } from '../kube-object.ts';
import { asUnreachable, signOfLife, withHealthTaints } from '../node-health.ts';
import { groupResource } from '../status.ts';

const LEASES = groupResource(leases);
const NODE_LEASES = 'kube-node-lease';
const MAX_CHECK_EVERY_MS = 5000;

export interface NodeLifecycleOptions {
  /** How long a node may be silent before it is marked, in milliseconds. */
  graceMs: number;
}

/**
 * Marks nodes that are silent for longer than the grace period, and taints nodes by their Ready condition, as Kubernetes' node
 * lifecycle controller does; only nodes with a Lease, which promise to be heard of. Silence is counted from what this server
 * saw by its own clock: a node whose clock is wrong is not silent, and a restart gives everybody a full period.
 */
export function startNodeLifecycle(context: ApiContext, { graceMs }: NodeLifecycleOptions): Close {
  const { store, clock } = context;
  const heard = new Map<string, { sign: string; at: number }>();

  const check = (node: KubeObject) => {
    const { name } = node.metadata;
    const lease = store.get({ resource: LEASES, namespace: NODE_LEASES, name });
    if (!lease) {
      heard.delete(name);
      return;
    }
    const sign = signOfLife(node, lease);
    const last = heard.get(name);
    if (last?.sign !== sign) heard.set(name, { sign, at: clock.monotonic() });
    const silent = last?.sign === sign && clock.monotonic() - last.at > graceMs;
    const next = silent ? asUnreachable(node, clock.now()) : withHealthTaints(node, clock.now());
    if (!isDeepStrictEqual(next, node)) store.put(nodes.plural, next);
  };

  const checkNamed = (name: string) => {
    const node = store.get({ resource: nodes.plural, namespace: '', name });
    if (node) check(node);
    else heard.delete(name);
  };
  const checkAll = () => {
    for (const node of store.list(nodes.plural)) check(node);
  };

  checkAll();
  const stopChecks = every(clock, Math.min(MAX_CHECK_EVERY_MS, graceMs / 4), checkAll);
  const stopEvents = store.onEvent(({ resource, object: { metadata } }) => {
    const ofNode = resource === nodes.plural || (resource === LEASES && metadata.namespace === NODE_LEASES);
    if (ofNode) checkNamed(metadata.name);
  });
  return () => {
    stopChecks();
    stopEvents();
  };
}
