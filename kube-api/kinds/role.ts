import { RBAC_GROUP, type RoleObject } from '../access/authorizer.ts';
import type { PolicyRule } from '../access/policy-rule.ts';
import { column, NAME_COLUMN } from '../columns.ts';
import { defineBuiltIn } from '../resources.ts';
import { coreSchema } from '../schema/core.ts';
import { type FieldError, forbiddenValue, invalidValue, requiredValue } from '../schema/structural.ts';

const common = {
  group: RBAC_GROUP,
  version: 'v1',
  nameRule: 'path-segment',
  createOnUpdate: true,
  columns: [NAME_COLUMN, column('Created At', ({ metadata }) => metadata.creationTimestamp ?? '')],
} as const;

export const roles = defineBuiltIn({
  ...common,
  kind: 'Role',
  plural: 'roles',
  schema: coreSchema('V1Role'),
  validate: (role) =>
    ((role as RoleObject).rules ?? []).flatMap((rule, index) => ruleErrors(rule, index, true)),
});

export const clusterRoles = defineBuiltIn({
  ...common,
  kind: 'ClusterRole',
  plural: 'clusterroles',
  namespaced: false,
  schema: coreSchema('V1ClusterRole'),
  validate: (role) => [
    ...((role as RoleObject).rules ?? []).flatMap((rule, index) => ruleErrors(rule, index, false)),
    ...(role.aggregationRule ? [forbiddenValue('aggregationRule', 'roles are not aggregated here')] : []),
  ],
});

function ruleErrors(rule: PolicyRule, index: number, namespaced: boolean): FieldError[] {
  const { verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule;
  const path = `rules[${index}]`;
  const errors: FieldError[] = [];
  if (!verbs?.length) errors.push(requiredValue(`${path}.verbs`, 'verbs must contain at least one value'));
  if (nonResourceURLs.length > 0) {
    const refuse = (detail: string) =>
      errors.push(invalidValue(`${path}.nonResourceURLs`, nonResourceURLs, detail));
    if (namespaced) refuse('namespaced rules cannot apply to non-resource URLs');
    if (apiGroups.length + resources.length + resourceNames.length > 0) {
      refuse('rules cannot apply to both regular resources and non-resource URLs');
    }
    return errors;
  }
  if (apiGroups.length === 0) {
    errors.push(requiredValue(`${path}.apiGroups`, 'resource rules must supply at least one api group'));
  }
  if (resources.length === 0) {
    errors.push(requiredValue(`${path}.resources`, 'resource rules must supply at least one resource'));
  }
  return errors;
}
