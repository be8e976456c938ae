import type { ResourceRequest } from '../request.ts';
import { apiVersionOf } from '../resources.ts';
import { parseSelectors } from '../selectors.ts';
import { groupResource } from '../status.ts';
import type { ApiContext, Reply } from './context.ts';
import { deleteOne, parseDeleteOptions, refuseDelete } from './delete.ts';
import { presented } from './presented.ts';

/** Deletes what the selectors choose, and answers with what it found. */
export function handleDeleteCollection(context: ApiContext, request: ResourceRequest): Reply {
  const { resource, namespace, query } = request;
  const options = parseDeleteOptions(request);
  const matches = parseSelectors(query, resource);
  const objects = context.store
    .list(groupResource(resource), namespace)
    .filter((object) => !matches || matches(object));
  for (const object of objects) refuseDelete(resource, object);
  const items = objects
    .map((object) => deleteOne(context, resource, object, options) ?? object)
    .map((object) => presented(resource, object));
  const body = {
    kind: resource.listKind,
    apiVersion: apiVersionOf(resource),
    metadata: { resourceVersion: String(context.store.resourceVersion) },
    items,
  };
  return { code: 200, body };
}
