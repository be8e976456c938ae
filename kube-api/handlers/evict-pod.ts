import type { KubeObject } from '../kube-object.ts';
import { isDryRun, type ResourceRequest } from '../request.ts';
import { badRequest, done } from '../status.ts';
import type { ApiContext, Reply } from './context.ts';
import { deleteOne } from './delete.ts';

/** Deletes a pod; no disruption budget stands in the way, as there are none. */
export function evictPod(
  context: ApiContext,
  { resource, name = '', query }: ResourceRequest,
  pod: KubeObject,
  eviction: KubeObject,
): Reply {
  if ((eviction.metadata.name ?? name) !== name) {
    throw badRequest('name in URL does not match name in Eviction object');
  }
  const { dryRun } = (eviction.deleteOptions ?? {}) as { dryRun?: string[] };
  deleteOne(context, resource, pod, { orphan: false, dryRun: isDryRun(query, dryRun) });
  return { code: 201, body: done(201) };
}
