import { decodeObject, fieldValidationOf, parseBody } from '../decode.ts';
import { podBindings, podEvictions, tokenRequests } from '../kinds/action.ts';
import type { KubeObject } from '../kube-object.ts';
import type { ResourceRequest } from '../request.ts';
import type { ResourceDefinition } from '../resources.ts';
import { bindPod } from './bind-pod.ts';
import type { ApiContext, Reply } from './context.ts';
import { evictPod } from './evict-pod.ts';
import { existing } from './get.ts';
import { issueToken } from './issue-token.ts';

/** Does with `target` what `object` asks for. */
export type Action = (
  context: ApiContext,
  request: ResourceRequest,
  target: KubeObject,
  object: KubeObject,
) => Reply;

const ACTIONS = new Map<ResourceDefinition, Action>([
  [podBindings, bindPod],
  [podEvictions, evictPod],
  [tokenRequests, issueToken],
]);

/** @throws ApiError 400, 404, 409 or 422. */
export function handleAct(context: ApiContext, request: ResourceRequest): Reply {
  const action = request.action!;
  const raw = parseBody(request.body, request.contentType, action.kind);
  const { object, warnings } = decodeObject(raw, action, fieldValidationOf(request.query));
  const target = existing(context.store, request);
  return { warnings, ...ACTIONS.get(action)!(context, request, target, object) };
}
