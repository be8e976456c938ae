import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '../kube-object.ts';
import { succeed, validateMeta } from '../object-meta.ts';
import { isHeld } from '../removal.ts';
import { isDryRun, type ResourceRequest } from '../request.ts';
import type { ResourceDefinition } from '../resources.ts';
import { badRequest, groupResource, invalid } from '../status.ts';
import type { ApiContext } from './context.ts';
import { foreignNamespace } from './create.ts';

/**
 * Puts `next` in the place of `current`; what replace and patch have in common.
 * A change that changes nothing writes nothing: no new resource version, no event.
 * @throws ApiError 400, 409 or 422.
 */
export function updateObject(
  { store }: ApiContext,
  { resource, namespace, name = '', subresource, query }: ResourceRequest,
  current: KubeObject,
  next: KubeObject,
): KubeObject {
  const { metadata } = next;
  if (metadata.name !== name) {
    throw badRequest(
      `the name of the object (${metadata.name ?? ''}) does not match the name on the URL (${name})`,
    );
  }
  if ((metadata.namespace ?? namespace) !== namespace) throw foreignNamespace();
  if (namespace !== undefined) metadata.namespace = namespace;

  const merged = succeed(current, withPartOf(current, next, subresource, resource), resource);
  resource.prepareForUpdate?.(merged, current);
  const errors = [
    ...validateMeta(merged, resource),
    ...(resource.validate?.(merged) ?? []),
    ...(resource.validateUpdate?.(merged, current) ?? []),
  ];
  if (errors.length > 0) throw invalid(resource, name, errors);
  if (isDeepStrictEqual(merged, current)) return current;
  if (isDryRun(query)) return merged;
  if (merged.metadata.deletionTimestamp && !isHeld(merged)) {
    // The last finalizer let go.
    return store.delete(groupResource(resource), merged);
  }
  return store.put(groupResource(resource), merged);
}

/** With a status subresource, each side writes its own part; metadata of built-in kinds is everybody's. */
function withPartOf(
  current: KubeObject,
  next: KubeObject,
  subresource: 'status' | undefined,
  { statusSubresource, custom }: ResourceDefinition,
): KubeObject {
  if (!statusSubresource) return next;
  const { apiVersion, kind } = next;
  const metadata = subresource && custom ? metadataOfStatusWrite(current, next) : next.metadata;
  const [parts, status] = subresource ? [current, next.status] : [next, current.status];
  const { status: _, ...rest } = parts;
  return { ...rest, apiVersion, kind, metadata, ...(status === undefined ? {} : { status }) };
}

/** Who writes the status of a custom resource leaves its metadata alone, and may say what he made it from. */
function metadataOfStatusWrite(current: KubeObject, next: KubeObject): KubeObject['metadata'] {
  const { uid, resourceVersion } = next.metadata;
  return { ...current.metadata, ...(uid ? { uid } : {}), ...(resourceVersion ? { resourceVersion } : {}) };
}
