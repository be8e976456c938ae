import type { Attributes } from '../access/attributes.ts';
import type { PolicyRule } from '../access/policy-rule.ts';
import type { UserInfo } from '../access/user.ts';
import { decodeObject, fieldValidationOf, parseBody } from '../decode.ts';
import {
  localSubjectAccessReviews,
  selfSubjectAccessReviews,
  selfSubjectReviews,
  selfSubjectRulesReviews,
  subjectAccessReviews,
  tokenReviews,
} from '../kinds/review.ts';
import type { KubeObject } from '../kube-object.ts';
import type { ResourceRequest } from '../request.ts';
import type { ResourceDefinition } from '../resources.ts';
import { type FieldError, invalidValue, requiredValue } from '../schema/structural.ts';
import { badRequest, invalid } from '../status.ts';
import type { ApiContext, Reply } from './context.ts';

type Answer = (context: ApiContext, request: ResourceRequest, object: KubeObject) => object;

const ANSWERS = new Map<ResourceDefinition, Answer>([
  [tokenReviews, reviewToken],
  [selfSubjectReviews, (_, { user }) => ({ userInfo: user })],
  [subjectAccessReviews, reviewAccess],
  [localSubjectAccessReviews, reviewAccess],
  [selfSubjectAccessReviews, reviewAccess],
  [selfSubjectRulesReviews, reviewRules],
]);

/** Answers a question in its `status`, and keeps nothing. @throws ApiError 400 or 422 for one that makes no sense. */
export function handleReview(context: ApiContext, request: ResourceRequest): Reply {
  const { resource, query } = request;
  const raw = parseBody(request.body, request.contentType, resource.kind);
  const { object, warnings } = decodeObject(raw, resource, fieldValidationOf(query));
  const status = ANSWERS.get(resource)!(context, request, object);
  return { code: 201, body: { ...object, status }, warnings };
}

function reviewToken(
  { authenticator }: ApiContext,
  { resource }: ResourceRequest,
  object: KubeObject,
): object {
  const { token = '', audiences = [] } = (object.spec ?? {}) as { token?: string; audiences?: string[] };
  if (!token) throw invalid(resource, '', [requiredValue('spec.token')]);
  const identity = authenticator.identify(token, audiences);
  if (!identity) return { user: {}, error: 'invalid bearer token' };
  return { authenticated: true, user: identity.user, audiences: identity.audiences };
}

interface AccessSpec {
  user?: string;
  uid?: string;
  groups?: string[];
  extra?: Record<string, string[]>;
  resourceAttributes?: Partial<
    Record<'namespace' | 'verb' | 'group' | 'resource' | 'subresource' | 'name', string>
  >;
  nonResourceAttributes?: { path?: string; verb?: string };
}

function reviewAccess({ authorizer }: ApiContext, request: ResourceRequest, object: KubeObject): object {
  const { resource, namespace } = request;
  const spec = (object.spec ?? {}) as AccessSpec;
  const errors = accessErrors(spec, resource === selfSubjectAccessReviews);
  if (errors.length > 0) throw invalid(resource, '', errors);
  if (namespace !== undefined && spec.resourceAttributes?.namespace !== namespace) {
    throw badRequest('spec.resourceAttributes.namespace must match the namespace of the request');
  }
  const { user: username = '', uid, groups = [], extra } = spec;
  const user: UserInfo =
    resource === selfSubjectAccessReviews
      ? request.user
      : { username, groups, ...(uid ? { uid } : {}), extra };
  const { allowed, reason } = authorizer.decide(user, attributesIn(spec));
  return { allowed, ...(reason ? { reason } : {}) };
}

function accessErrors(spec: AccessSpec, self: boolean): FieldError[] {
  const { resourceAttributes, nonResourceAttributes, user, groups = [] } = spec;
  const errors: FieldError[] = [];
  if ((resourceAttributes === undefined) === (nonResourceAttributes === undefined)) {
    const detail = resourceAttributes
      ? 'cannot be specified in combination with resourceAttributes'
      : 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
    const field = resourceAttributes ? 'spec.nonResourceAttributes' : 'spec.resourceAttributes';
    errors.push(invalidValue(field, nonResourceAttributes ?? null, detail));
  }
  if (!self && !user && groups.length === 0) {
    errors.push(invalidValue('spec.user', '', 'at least one of user or group must be specified'));
  }
  return errors;
}

function attributesIn({ resourceAttributes, nonResourceAttributes }: AccessSpec): Attributes {
  if (nonResourceAttributes) {
    const { path = '', verb = '' } = nonResourceAttributes;
    return { kind: 'path', path, verb };
  }
  const asked = { verb: '', group: '', resource: '', subresource: '', namespace: '', name: '' };
  return { kind: 'resource', ...asked, ...resourceAttributes };
}

function reviewRules({ authorizer }: ApiContext, { user }: ResourceRequest, object: KubeObject): object {
  const { namespace = '' } = (object.spec ?? {}) as { namespace?: string };
  if (!namespace) throw badRequest('no namespace on request');
  const rules = authorizer.rulesOf(user, namespace);
  const isAboutPaths = ({ nonResourceURLs = [] }: PolicyRule) => nonResourceURLs.length > 0;
  return {
    resourceRules: rules.filter((rule) => !isAboutPaths(rule)),
    nonResourceRules: rules.filter(isAboutPaths),
    incomplete: false,
  };
}
