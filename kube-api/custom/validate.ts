import { isDeepStrictEqual } from 'node:util';
import type { ColumnType } from '../columns.ts';
import { compileJsonPath } from '../json-path.ts';
import {
  type FieldError,
  invalidValue,
  isRecord,
  requiredValue,
  unsupportedValue,
} from '../schema/structural.ts';
import { parseSchema } from './parse-schema.ts';
import type { CustomNames, CustomResourceDefinition, CustomVersion, UncheckedCrd } from './types.ts';

const LABEL = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const GROUP = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const KIND = /^[a-z]([-a-z0-9]*[a-z0-9])?$/i;
const PROTECTED_GROUP = /(^|\.)(k8s|kubernetes)\.io$/;
const APPROVAL = 'api-approved.kubernetes.io';
const COLUMN_TYPES: readonly ColumnType[] = ['boolean', 'date', 'integer', 'number', 'string'];

/** Everything that is wrong with a CRD beyond the types of its fields. */
export function validateCrd({ metadata, spec, status }: UncheckedCrd): FieldError[] {
  if (!spec) return [requiredValue('spec')];
  const { group, names, scope, versions } = spec;
  const errors: FieldError[] = [];
  if (metadata.name !== `${names?.plural}.${group}`) {
    errors.push(invalidValue('metadata.name', metadata.name, 'must be spec.names.plural+"."+spec.group'));
  }
  if (!group) errors.push(requiredValue('spec.group'));
  else if (!GROUP.test(group))
    errors.push(invalidValue('spec.group', group, 'must be a lowercase RFC 1123 subdomain'));
  else if (!group.includes('.')) {
    errors.push(invalidValue('spec.group', group, 'should be a domain with at least one dot'));
  }
  if (PROTECTED_GROUP.test(group ?? '') && !metadata.annotations?.[APPROVAL]) {
    const detail =
      `protected groups must have approval annotation "${APPROVAL}", ` +
      'see https://github.com/kubernetes/enhancements/pull/1111';
    errors.push(requiredValue(`metadata.annotations[${APPROVAL}]`, detail));
  }
  if (!scope) errors.push(requiredValue('spec.scope'));
  else if (scope !== 'Cluster' && scope !== 'Namespaced') {
    errors.push(unsupportedValue('spec.scope', scope, ['Cluster', 'Namespaced']));
  }
  errors.push(...nameErrors(names ?? {}), ...versionErrors(versions ?? []));
  const strategy = spec.conversion?.strategy;
  if (strategy !== undefined && strategy !== 'None') {
    errors.push(unsupportedValue('spec.conversion.strategy', strategy, ['None']));
  }
  if (spec.preserveUnknownFields)
    errors.push(invalidValue('spec.preserveUnknownFields', true, 'must be false'));
  (status?.storedVersions ?? []).forEach((version, index) => {
    if (versions?.some(({ name }) => name === version)) return;
    errors.push(invalidValue(`status.storedVersions[${index}]`, version, 'must appear in spec.versions'));
  });
  return errors;
}

function nameErrors({
  plural,
  singular,
  kind,
  listKind,
  shortNames = [],
}: Partial<CustomNames>): FieldError[] {
  const errors: FieldError[] = [];
  const check = (field: string, value: string | undefined, pattern: RegExp, needed: boolean) => {
    const path = `spec.names.${field}`;
    if (!value) {
      if (needed) errors.push(requiredValue(path));
    } else if (!pattern.test(value) || value.length > 63) {
      const rule = 'a DNS-1035 label must consist of alphanumeric characters or "-", and start with a letter';
      errors.push(invalidValue(path, value, rule));
    }
  };
  check('plural', plural, LABEL, true);
  check('singular', singular, LABEL, false);
  check('kind', kind, KIND, true);
  check('listKind', listKind, KIND, false);
  for (const [index, name] of shortNames.entries()) check(`shortNames[${index}]`, name, LABEL, true);
  if (kind && kind === listKind) {
    errors.push(invalidValue('spec.names.listKind', listKind, 'kind and listKind may not be the same'));
  }
  return errors;
}

function versionErrors(versions: readonly CustomVersion[]): FieldError[] {
  const errors: FieldError[] = [];
  const names = versions.map(({ name }) => name);
  if (versions.filter(({ storage }) => storage).length !== 1) {
    errors.push(
      invalidValue('spec.versions', names, 'must have exactly one version marked as storage version'),
    );
  }
  if (new Set(names).size !== names.length) {
    errors.push(invalidValue('spec.versions', names, 'must contain unique version names'));
  }
  versions.forEach((version, index) => {
    const path = `spec.versions[${index}]`;
    if (!LABEL.test(version.name ?? '')) {
      errors.push(invalidValue(`${path}.name`, version.name ?? '', 'a DNS-1035 label is expected'));
    }
    for (const flag of ['served', 'storage'] as const) {
      if (typeof version[flag] !== 'boolean') errors.push(requiredValue(`${path}.${flag}`));
    }
    const props = version.schema?.openAPIV3Schema;
    if (isRecord(props)) errors.push(...parseSchema(props, `${path}.schema.openAPIV3Schema`).errors);
    else errors.push(requiredValue(`${path}.schema.openAPIV3Schema`, 'schemas are required'));
    errors.push(...columnErrors(version, path));
  });
  return errors;
}

function columnErrors(
  { additionalPrinterColumns = [], selectableFields = [] }: CustomVersion,
  version: string,
): FieldError[] {
  const errors: FieldError[] = [];
  additionalPrinterColumns.forEach(({ name, type, jsonPath }, index) => {
    const path = `${version}.additionalPrinterColumns[${index}]`;
    if (!name) errors.push(requiredValue(`${path}.name`));
    if (!COLUMN_TYPES.includes(type)) errors.push(unsupportedValue(`${path}.type`, type ?? '', COLUMN_TYPES));
    if (!jsonPath) errors.push(requiredValue(`${path}.jsonPath`));
    else if (!compileJsonPath(jsonPath)) {
      errors.push(invalidValue(`${path}.jsonPath`, jsonPath, 'is not a path that is understood here'));
    }
  });
  selectableFields.forEach(({ jsonPath }, index) => {
    if (/^(\.[A-Za-z_][A-Za-z0-9_]*)+$/.test(jsonPath ?? '')) return;
    const path = `${version}.selectableFields[${index}].jsonPath`;
    errors.push(invalidValue(path, jsonPath ?? '', 'must be a simple field path'));
  });
  return errors;
}

/** What of a CRD may not change, as there are objects that were made by it. */
export function validateCrdUpdate(
  { spec }: UncheckedCrd,
  { spec: before }: CustomResourceDefinition,
): FieldError[] {
  if (!spec) return [];
  const fixed = [
    ['spec.group', spec.group, before.group],
    ['spec.scope', spec.scope, before.scope],
    ['spec.names.plural', spec.names?.plural, before.names.plural],
    ['spec.names.kind', spec.names?.kind, before.names.kind],
  ] as const;
  return fixed
    .filter(([, next, current]) => !isDeepStrictEqual(next, current))
    .map(([path, next]) => invalidValue(path, next ?? '', 'field is immutable'));
}

/** What a CRD asks for that does nothing here: to be told, not hidden. */
export function crdWarnings({ spec }: UncheckedCrd): string[] {
  return (spec?.versions ?? []).flatMap(({ subresources, schema }, index) => [
    ...(subresources?.scale ? [`spec.versions[${index}].subresources.scale: /scale is not served here`] : []),
    ...(hasRules(schema?.openAPIV3Schema)
      ? [`spec.versions[${index}].schema: x-kubernetes-validations are kept, and not evaluated here`]
      : []),
  ]);
}

function hasRules(schema: unknown): boolean {
  if (Array.isArray(schema)) return schema.some(hasRules);
  if (!isRecord(schema)) return false;
  return 'x-kubernetes-validations' in schema || Object.values(schema).some(hasRules);
}
