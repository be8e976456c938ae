import type { KubeObject } from '../kube-object.ts';
import type { Target } from '../request.ts';
import { groupResource, notFound } from '../status.ts';
import type { ApiContext, Reply } from './context.ts';
import { presented } from './presented.ts';

export function handleGet({ store }: ApiContext, target: Target): Reply {
  return { code: 200, body: existing(store, target) };
}

/** @throws ApiError 404 when the object that `target` names is not there. */
export function existing(
  store: ApiContext['store'],
  { resource, namespace = '', name = '' }: Target,
): KubeObject {
  const object = store.get({ resource: groupResource(resource), namespace, name });
  if (!object) throw notFound(resource, name);
  return presented(resource, object);
}
