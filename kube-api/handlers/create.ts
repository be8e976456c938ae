import { refuseEscalation } from '../access/escalation.ts';
import { decodeObject, fieldValidationOf, parseBody } from '../decode.ts';
import type { KubeObject } from '../kube-object.ts';
import { NAMESPACE_TERMINATING, namespaceOf } from '../namespaces.ts';
import { newMeta, validateMeta } from '../object-meta.ts';
import { isDryRun, type ResourceRequest } from '../request.ts';
import { ApiError, alreadyExists, badRequest, forbidden, groupResource, invalid } from '../status.ts';
import type { ApiContext, Reply } from './context.ts';

export function handleCreate(context: ApiContext, request: ResourceRequest): Reply {
  const { resource, query } = request;
  const raw = parseBody(request.body, request.contentType, resource.kind);
  const { object, warnings } = decodeObject(raw, resource, fieldValidationOf(query));
  warnings.push(...(resource.warningsOf?.(object) ?? []));
  refuseEscalation(context.authorizer, request, object);
  const created = createObject(context, request, object);
  return { code: 201, body: created, warnings };
}

/** Creates `object` where `request` points. @throws ApiError 400, 403, 404, 409 or 422. */
export function createObject(
  context: ApiContext,
  { resource, namespace, query }: Pick<ResourceRequest, 'resource' | 'namespace' | 'query'>,
  object: KubeObject,
): KubeObject {
  const { store } = context;
  const { metadata } = object;
  if (resource.terminating) {
    const message = 'create not allowed while custom resource definition is terminating';
    throw new ApiError(405, 'MethodNotAllowed', message);
  }
  if (metadata.resourceVersion) {
    throw new ApiError(500, '', 'resourceVersion should not be set on objects to be created');
  }
  if (namespace === undefined) delete metadata.namespace;
  else if (metadata.namespace !== undefined && metadata.namespace !== namespace) throw foreignNamespace();
  else metadata.namespace = namespace;
  if (!metadata.name && metadata.generateName) metadata.name = generatedName(context, metadata.generateName);

  const next = newMeta(object, resource, { now: context.clock.now(), uid: context.createUid() });
  resource.prepareForCreate?.(next);
  const errors = [...validateMeta(next, resource), ...(resource.validate?.(next) ?? [])];
  if (errors.length > 0) throw invalid(resource, metadata.name ?? '', errors);
  if (namespace !== undefined && namespaceOf(store, namespace).metadata.deletionTimestamp) {
    const detail = `unable to create new content in namespace ${namespace} because it is being terminated`;
    throw forbidden(resource, metadata.name, detail, [
      {
        reason: NAMESPACE_TERMINATING,
        message: `namespace ${namespace} is being terminated`,
        field: 'metadata.namespace',
      },
    ]);
  }
  const resourceName = groupResource(resource);
  if (store.get({ resource: resourceName, namespace: namespace ?? '', name: metadata.name })) {
    throw alreadyExists(resource, metadata.name);
  }
  return isDryRun(query) ? next : store.put(resourceName, next);
}

export const foreignNamespace = () =>
  badRequest('the namespace of the provided object does not match the namespace sent on the request');

// No vowels and no look-alikes: Kubernetes' own alphabet, so that no name spells a word.
const SUFFIX_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const SUFFIX_LENGTH = 5;
const MAX_GENERATED_LENGTH = 63;

function generatedName({ random }: ApiContext, base: string): string {
  const suffix = Array.from(
    { length: SUFFIX_LENGTH },
    () => SUFFIX_ALPHABET[Math.floor(random() * SUFFIX_ALPHABET.length)],
  );
  return base.slice(0, MAX_GENERATED_LENGTH - SUFFIX_LENGTH) + suffix.join('');
}
