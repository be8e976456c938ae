import { isDeepStrictEqual } from 'node:util';
import { type BindingObject, RBAC_GROUP, type Subject } from '../access/authorizer.ts';
import { AGE_COLUMN, column, NAME_COLUMN } from '../columns.ts';
import type { KubeObject } from '../kube-object.ts';
import { defineBuiltIn } from '../resources.ts';
import { coreSchema } from '../schema/core.ts';
import { type FieldError, invalidValue, requiredValue, unsupportedValue } from '../schema/structural.ts';

const subjectsOf = (binding: KubeObject, kind: string): string =>
  ((binding as BindingObject).subjects ?? [])
    .filter((subject) => subject.kind === kind)
    .map(({ name, namespace }) => (namespace ? `${namespace}/${name}` : name))
    .join(', ');

const common = {
  group: RBAC_GROUP,
  version: 'v1',
  nameRule: 'path-segment',
  createOnUpdate: true,
  columns: [
    NAME_COLUMN,
    column('Role', (binding) => {
      const { kind, name } = (binding as BindingObject).roleRef;
      return `${kind}/${name}`;
    }),
    AGE_COLUMN,
    column('Users', (binding) => subjectsOf(binding, 'User'), { wide: true }),
    column('Groups', (binding) => subjectsOf(binding, 'Group'), { wide: true }),
    column('ServiceAccounts', (binding) => subjectsOf(binding, 'ServiceAccount'), { wide: true }),
  ],
  setDefaults(object: KubeObject) {
    const binding = object as Partial<BindingObject>;
    if (binding.roleRef) binding.roleRef.apiGroup ||= RBAC_GROUP;
    for (const subject of binding.subjects ?? []) {
      if (subject.kind === 'User' || subject.kind === 'Group') subject.apiGroup ||= RBAC_GROUP;
    }
  },
  validateUpdate(next: KubeObject, current: KubeObject): FieldError[] {
    return isDeepStrictEqual(next.roleRef, current.roleRef)
      ? []
      : [invalidValue('roleRef', next.roleRef, 'cannot change roleRef')];
  },
} as const;

export const roleBindings = defineBuiltIn({
  ...common,
  kind: 'RoleBinding',
  plural: 'rolebindings',
  schema: coreSchema('V1RoleBinding'),
  validate: (binding) => bindingErrors(binding as BindingObject, ['Role', 'ClusterRole']),
});

export const clusterRoleBindings = defineBuiltIn({
  ...common,
  kind: 'ClusterRoleBinding',
  plural: 'clusterrolebindings',
  namespaced: false,
  schema: coreSchema('V1ClusterRoleBinding'),
  validate: (binding) => bindingErrors(binding as BindingObject, ['ClusterRole']),
});

function bindingErrors(
  { roleRef, subjects = [] }: Partial<BindingObject>,
  roleKinds: string[],
): FieldError[] {
  const errors: FieldError[] = [];
  const { apiGroup = '', kind = '', name = '' } = roleRef ?? {};
  if (apiGroup !== RBAC_GROUP) errors.push(unsupportedValue('roleRef.apiGroup', apiGroup, [RBAC_GROUP]));
  if (!roleKinds.includes(kind)) errors.push(unsupportedValue('roleRef.kind', kind, roleKinds));
  if (!name) errors.push(requiredValue('roleRef.name'));
  subjects.forEach((subject, index) => {
    errors.push(...subjectErrors(subject, `subjects[${index}]`));
  });
  return errors;
}

const SUBJECT_KINDS = ['ServiceAccount', 'User', 'Group'];

function subjectErrors({ kind, apiGroup = '', name, namespace }: Subject, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!name) errors.push(requiredValue(`${path}.name`));
  if (!SUBJECT_KINDS.includes(kind)) {
    errors.push(unsupportedValue(`${path}.kind`, kind ?? '', SUBJECT_KINDS));
  } else {
    const group = kind === 'ServiceAccount' ? '' : RBAC_GROUP;
    if (apiGroup !== group) errors.push(unsupportedValue(`${path}.apiGroup`, apiGroup, [group]));
    if (kind === 'ServiceAccount' && !namespace) errors.push(requiredValue(`${path}.namespace`));
  }
  return errors;
}
