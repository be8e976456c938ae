import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '../kube-object.ts';
import type { ResourceRequest } from '../request.ts';
import type { ResourceDefinition } from '../resources.ts';
import { forbidden, notFound } from '../status.ts';
import { type Authorizer, type BindingObject, RBAC_GROUP, type RoleObject } from './authorizer.ts';
import { type PolicyRule, uncovered } from './policy-rule.ts';
import type { UserInfo } from './user.ts';

/**
 * Nobody gives what he does not have: who writes a role must have its rights himself, or the right to `escalate`; who binds
 * one, its rights or the right to `bind` it.
 * @throws ApiError 403, or 404 for a role to bind that is not there.
 */
export function refuseEscalation(
  authorizer: Authorizer,
  { resource, namespace = '', user }: Pick<ResourceRequest, 'resource' | 'namespace' | 'user'>,
  object: KubeObject,
  current?: KubeObject,
): void {
  if (resource.group !== RBAC_GROUP) return;
  const { name } = object.metadata;
  const giving = { user, resource, name, namespace };
  const attributes = { kind: 'resource', group: RBAC_GROUP, subresource: '', namespace } as const;
  const may = (verb: string, plural: string, roleName: string) =>
    authorizer.decide(user, { ...attributes, verb, resource: plural, name: roleName }).allowed;
  if (resource.plural === 'roles' || resource.plural === 'clusterroles') {
    const { rules = [] } = object as RoleObject;
    if (isDeepStrictEqual(rules, (current as RoleObject | undefined)?.rules)) return;
    if (may('escalate', resource.plural, name)) return;
    refuseMissing(authorizer, giving, rules);
  } else {
    const { roleRef, subjects } = object as Partial<BindingObject>;
    // Refused as invalid.
    if (!roleRef) return;
    if (current && isDeepStrictEqual(subjects, (current as BindingObject).subjects)) return;
    const plural = roleRef.kind === 'Role' ? 'roles' : 'clusterroles';
    if (may('bind', plural, roleRef.name)) return;
    const rules = authorizer.rulesOfRole(roleRef, namespace);
    if (!rules) throw notFound({ group: RBAC_GROUP, plural, kind: roleRef.kind }, roleRef.name);
    refuseMissing(authorizer, giving, rules);
  }
}

interface Giving {
  user: UserInfo;
  resource: ResourceDefinition;
  name: string;
  namespace: string;
}

function refuseMissing(
  authorizer: Authorizer,
  { user, resource, name, namespace }: Giving,
  rules: readonly PolicyRule[],
): void {
  const missing = uncovered(authorizer.rulesOf(user, namespace), rules);
  if (missing.length === 0) return;
  const groups = user.groups.map((group) => JSON.stringify(group)).join(' ');
  throw forbidden(
    resource,
    name,
    `user ${JSON.stringify(user.username)} (groups=[${groups}]) is attempting to grant RBAC permissions not currently held:\n` +
      missing.map(describeRule).join('\n'),
  );
}

const RULE_FIELDS = [
  ['APIGroups', 'apiGroups'],
  ['Resources', 'resources'],
  ['ResourceNames', 'resourceNames'],
  ['NonResourceURLs', 'nonResourceURLs'],
  ['Verbs', 'verbs'],
] as const;

const describeRule = (rule: PolicyRule): string =>
  `{${RULE_FIELDS.flatMap(([name, field]) => (rule[field] ? [`${name}:${JSON.stringify(rule[field])}`] : [])).join(', ')}}`;
