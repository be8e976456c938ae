import type { Attributes } from '../access/attributes.ts';
import { refuseEscalation } from '../access/escalation.ts';
import { refusal } from '../access/refusal.ts';
import { decodeObject, fieldValidationOf, parseBody } from '../decode.ts';
import type { ResourceRequest } from '../request.ts';
import { groupResource, invalid, notFound } from '../status.ts';
import type { ApiContext, Reply } from './context.ts';
import { createObject } from './create.ts';
import { presented } from './presented.ts';
import { updateObject } from './update.ts';

export function handleReplace(context: ApiContext, request: ResourceRequest): Reply {
  const { resource, namespace = '', name = '', query } = request;
  const raw = parseBody(request.body, request.contentType, resource.kind);
  const { object, warnings } = decodeObject(raw, resource, fieldValidationOf(query));
  const stored = context.store.get({ resource: groupResource(resource), namespace, name });
  refuseEscalation(context.authorizer, request, object, stored);
  if (!stored) {
    if (!resource.createOnUpdate || object.metadata.resourceVersion) throw notFound(resource, name);
    refuseCreate(context, request);
    return { code: 201, body: createObject(context, request, object), warnings };
  }
  const current = presented(resource, stored);
  if (!resource.unconditionalUpdate && !object.metadata.resourceVersion) {
    const message = 'Invalid value: 0x0: must be specified for an update';
    throw invalid(resource, name, [
      { reason: 'FieldValueInvalid', field: 'metadata.resourceVersion', message },
    ]);
  }
  warnings.push(...(resource.warningsOf?.(object, current) ?? []));
  return { code: 200, body: updateObject(context, request, current, object), warnings };
}

/** Who may replace may not therefore create. @throws ApiError 403 */
function refuseCreate(
  { authorizer }: ApiContext,
  { resource, namespace = '', name = '', user }: ResourceRequest,
) {
  const { group, plural } = resource;
  const attributes: Attributes = {
    kind: 'resource',
    verb: 'create',
    group,
    resource: plural,
    subresource: '',
    namespace,
    name,
  };
  if (!authorizer.decide(user, attributes).allowed) throw refusal(user, attributes);
}
