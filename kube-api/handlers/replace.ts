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
  if (!stored) {
    if (!resource.createOnUpdate || object.metadata.resourceVersion) throw notFound(resource, name);
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
