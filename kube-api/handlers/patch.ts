import { messageOf } from '../../lib/errors.ts';
import { refuseEscalation } from '../access/escalation.ts';
import {
  type Decoded,
  decodeObject,
  fieldValidationOf,
  mediaTypeOf,
  objectSchema,
  UndecodableError,
} from '../decode.ts';
import type { KubeObject } from '../kube-object.ts';
import { applyJsonPatch } from '../patch/json-patch.ts';
import { applyMergePatch } from '../patch/merge-patch.ts';
import { applyStrategicMergePatch } from '../patch/strategic-merge-patch.ts';
import type { ResourceRequest } from '../request.ts';
import type { ResourceDefinition } from '../resources.ts';
import { invalidValue, isRecord } from '../schema/structural.ts';
import { badRequest, invalid, unsupportedMediaType } from '../status.ts';
import type { ApiContext, Reply } from './context.ts';
import { existing } from './get.ts';
import { updateObject } from './update.ts';

const JSON_PATCH = 'application/json-patch+json';
const MERGE_PATCH = 'application/merge-patch+json';
const STRATEGIC_MERGE_PATCH = 'application/strategic-merge-patch+json';

export function handlePatch(context: ApiContext, request: ResourceRequest): Reply {
  const { resource } = request;
  const patch = parsePatch(request);
  const current = existing(context.store, request);
  const patched = applyPatch(mediaTypeOf(request.contentType), current, patch, resource);
  const { object, warnings } = decodePatched(patched, request);
  refuseEscalation(context.authorizer, request, object, current);
  warnings.push(...(resource.warningsOf?.(object, current) ?? []));
  return { code: 200, body: updateObject(context, request, current, object), warnings };
}

/** @throws ApiError 422 where a whole object that came would be 400: what the client sent was a patch, and as such in order. */
function decodePatched(patched: unknown, { resource, query }: ResourceRequest): Decoded {
  try {
    return decodeObject(patched, resource, fieldValidationOf(query));
  } catch (error) {
    if (!(error instanceof UndecodableError)) throw error;
    const cause = invalidValue('patch', JSON.stringify(patched), error.detail);
    throw invalid({ group: '', plural: '', kind: '' }, '', [cause]);
  }
}

function parsePatch({ contentType, body, resource }: ResourceRequest): unknown {
  const accepted = [JSON_PATCH, MERGE_PATCH, ...(resource.custom ? [] : [STRATEGIC_MERGE_PATCH])];
  const mediaType = mediaTypeOf(contentType);
  if (!accepted.includes(mediaType)) throw unsupportedMediaType(accepted);
  let patch: unknown;
  try {
    patch = JSON.parse(body.toString());
  } catch (error) {
    throw badRequest(`error decoding patch: ${messageOf(error)}`);
  }
  if (mediaType !== JSON_PATCH && !isRecord(patch)) {
    throw badRequest('error decoding patch: a merge patch is an object');
  }
  return patch;
}

function applyPatch(
  mediaType: string,
  current: KubeObject,
  patch: unknown,
  resource: ResourceDefinition,
): unknown {
  if (mediaType === JSON_PATCH) return applyJsonPatch(current, patch);
  if (mediaType === MERGE_PATCH) return applyMergePatch(current, patch);
  return applyStrategicMergePatch(current, patch, objectSchema(resource));
}
