import type { KubeNode } from '../twin/cluster-object.ts';
import type { Context, LiveEvents, LiveRequest, NodeEventSource } from './context.ts';
import { type LiveArgs, scopeOf, selectorOf } from './live-event.ts';
import { matchesNode, type NodeFilter, sourceOf } from './node.ts';

/** @throws OctographError `LABEL_SELECTOR` */
export function subscribeNodes(
  { where, labelSelector, after }: LiveArgs<NodeFilter>,
  context: Context,
): LiveEvents<LiveRequest<KubeNode>, NodeEventSource> {
  const selects = selectorOf(labelSelector);
  return context.live.nodes.subscribe({
    after: after ?? undefined,
    scope: scopeOf(where, labelSelector),
    matches: (node) => selects(node.metadata) && matchesNode(where, sourceOf(node)),
  });
}
