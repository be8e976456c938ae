import type { KubePod } from '../twin/cluster-object.ts';
import type { Context, LiveEvents, LiveRequest, PodEventSource } from './context.ts';
import { type LiveArgs, scopeOf, selectorOf } from './live-event.ts';
import { matchesPod, type PodFilter } from './pod.ts';

/** @throws OctographError `LABEL_SELECTOR` */
export function subscribePods(
  { where, labelSelector, after }: LiveArgs<PodFilter>,
  context: Context,
): LiveEvents<LiveRequest<KubePod>, PodEventSource> {
  const selects = selectorOf(labelSelector);
  return context.live.pods.subscribe({
    after: after ?? undefined,
    scope: scopeOf(where, labelSelector),
    matches: (pod) => selects(pod.metadata) && matchesPod(where, pod),
  });
}
