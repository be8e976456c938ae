import { parseBody } from '../decode.ts';
import type { KubeObject } from '../kube-object.ts';
import { isHeld, marked, removeObject } from '../removal.ts';
import { isDryRun, type ResourceRequest } from '../request.ts';
import type { ResourceDefinition } from '../resources.ts';
import { isRecord } from '../schema/structural.ts';
import { badRequest, conflict, forbidden, success } from '../status.ts';
import type { ApiContext, Reply } from './context.ts';
import { existing } from './get.ts';
import { presented } from './presented.ts';

/** The parts of DeleteOptions that matter here. Grace periods do not: nothing runs that would need one. */
export interface DeleteOptions {
  uid: string | undefined;
  resourceVersion: string | undefined;
  /** Dependents lose the reference to their owner, and stay. */
  orphan: boolean;
  dryRun: boolean;
}

export function handleDelete(context: ApiContext, request: ResourceRequest): Reply {
  const { resource, name = '' } = request;
  const options = parseDeleteOptions(request);
  const current = existing(context.store, request);
  refuseDelete(resource, current);
  checkPreconditions(resource, current, options);
  const waiting = deleteOne(context, resource, current, options);
  const gone = resource.returnsDeleted ? current : success(resource, name, current.metadata.uid);
  return { code: 200, body: waiting ? presented(resource, waiting) : gone };
}

/** Deletes `object`; returns it when finalizers still hold it. */
export function deleteOne(
  context: ApiContext,
  resource: ResourceDefinition,
  object: KubeObject,
  { orphan, dryRun }: Pick<DeleteOptions, 'orphan' | 'dryRun'>,
): KubeObject | undefined {
  if (dryRun) return isHeld(object) ? marked(object, resource, context.clock.now()) : undefined;
  if (orphan) orphanDependents(context, object.metadata.uid);
  const removal = removeObject(context, resource, object);
  return removal.kind === 'waiting' ? removal.object : undefined;
}

/** @throws ApiError 403 for an object that has to stay. */
export function refuseDelete(resource: ResourceDefinition, object: KubeObject): void {
  const reason = resource.refuseDelete?.(object);
  if (reason) throw forbidden(resource, object.metadata.name, reason);
}

function orphanDependents({ store }: ApiContext, ownerUid: string | undefined): void {
  for (const { resource, object } of store.dependentsOf(ownerUid ?? '')) {
    const owners = (object.metadata.ownerReferences ?? []).filter(({ uid }) => uid !== ownerUid);
    const { ownerReferences: _, ...metadata } = object.metadata;
    store.put(resource, {
      ...object,
      metadata: owners.length > 0 ? { ...metadata, ownerReferences: owners } : metadata,
    });
  }
}

const POLICIES = ['Background', 'Foreground', 'Orphan'];

/** DeleteOptions come in the body or in the query. @throws ApiError 400 for what is not DeleteOptions. */
export function parseDeleteOptions({ body, contentType, query }: ResourceRequest): DeleteOptions {
  const given = body.length > 0 ? parseBody(body, contentType, 'DeleteOptions') : {};
  if (!isRecord(given)) throw badRequest('DeleteOptions is not an object');
  const policy = given.propagationPolicy ?? query.get('propagationPolicy') ?? 'Background';
  if (!POLICIES.includes(policy as string)) {
    const supported = POLICIES.map((name) => `"${name}"`).join(', ');
    throw badRequest(
      `propagationPolicy: Unsupported value: ${JSON.stringify(policy)}: supported values: ${supported}`,
    );
  }
  const { uid, resourceVersion } = (isRecord(given.preconditions) ? given.preconditions : {}) as Partial<
    Record<string, string>
  >;
  const orphan = policy === 'Orphan' || given.orphanDependents === true;
  return { uid, resourceVersion, orphan, dryRun: isDryRun(query, given.dryRun) };
}

function checkPreconditions(
  resource: ResourceDefinition,
  { metadata }: KubeObject,
  { uid, resourceVersion }: DeleteOptions,
): void {
  if (uid && uid !== metadata.uid) {
    throw conflict(
      resource,
      metadata.name,
      `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`,
    );
  }
  if (resourceVersion && resourceVersion !== metadata.resourceVersion) {
    throw conflict(
      resource,
      metadata.name,
      `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`,
    );
  }
}
