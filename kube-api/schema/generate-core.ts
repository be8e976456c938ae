/**
 * Writes `generated/core-types.ts`: the fields of the built-in kinds, taken from the models of @kubernetes/client-node,
 * which are made from Kubernetes' own OpenAPI. Loading that client to read them at run time would cost 90 MB.
 *
 *     node kube-api/schema/generate-core.ts
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as models from '@kubernetes/client-node';

interface Attribute {
  baseName: string;
  type: string;
  format: string;
}

const ROOTS = [
  'V1Namespace',
  'V1Node',
  'V1Pod',
  'CoreV1Event',
  'V1ConfigMap',
  'V1Secret',
  'V1ServiceAccount',
  'V1Lease',
  'V1CustomResourceDefinition',
  'V1Role',
  'V1ClusterRole',
  'V1RoleBinding',
  'V1ClusterRoleBinding',
  'V1TokenReview',
  'V1SelfSubjectReview',
  'V1SubjectAccessReview',
  'V1LocalSubjectAccessReview',
  'V1SelfSubjectAccessReview',
  'V1SelfSubjectRulesReview',
  'AuthenticationV1TokenRequest',
  'V1Eviction',
  'V1Binding',
];
const SCALARS = new Set(['string', 'number', 'boolean', 'any', 'Date', 'V1MicroTime', 'IntOrString']);

/** type → field → type expression: `string`, `int32`, `V1PodSpec`, `V1Container[]`, `quantity{}`. */
export function collectCoreTypes(): Record<string, Record<string, string>> {
  const types: Record<string, Record<string, string>> = {};
  const visit = (typeName: string) => {
    if (types[typeName]) return;
    const fields: Record<string, string> = {};
    types[typeName] = fields;
    const model = (models as unknown as Record<string, { getAttributeTypeMap(): Attribute[] }>)[typeName];
    if (!model) throw new Error(`@kubernetes/client-node has no model ${typeName}`);
    for (const attribute of model.getAttributeTypeMap()) {
      fields[attribute.baseName] = expressionOf(attribute, visit);
    }
  };
  for (const root of ROOTS) visit(root);
  return Object.fromEntries(Object.entries(types).sort(([a], [b]) => a.localeCompare(b)));
}

// The models type a Quantity as a string; the API takes numbers for it too.
const QUANTITY_MAPS = new Set([
  'limits',
  'requests',
  'capacity',
  'allocatable',
  'overhead',
  'allocatedResources',
]);

function expressionOf({ baseName, type, format }: Attribute, visit: (typeName: string) => void): string {
  // A schema's items may be a list too, says the model; a structural schema's are one schema.
  if (baseName === 'items' && type === 'any') return scalarOf('V1JSONSchemaProps', format, visit);
  const list = /^Array<(.+)>$/.exec(type)?.[1];
  if (list) return `${scalarOf(list, format, visit)}[]`;
  const map = /^\{ \[key: string\]: (.+); \}$/.exec(type)?.[1];
  if (!map)
    return baseName === 'sizeLimit' || baseName === 'divisor' ? 'quantity' : scalarOf(type, format, visit);
  const nested = /^Array<(.+)>$/.exec(map)?.[1];
  if (nested) return `${scalarOf(nested, format, visit)}[]{}`;
  return QUANTITY_MAPS.has(baseName) && map === 'string' ? 'quantity{}' : `${scalarOf(map, format, visit)}{}`;
}

function scalarOf(type: string, format: string, visit: (typeName: string) => void): string {
  if (!SCALARS.has(type)) {
    visit(type);
    return type;
  }
  if (type === 'number') return format.startsWith('int') ? format : 'number';
  if (type === 'Date' || type === 'V1MicroTime') return 'date-time';
  if (type === 'IntOrString') return 'int-or-string';
  return type === 'string' && format === 'byte' ? 'byte' : type;
}

export function printCoreTypes(): string {
  const lines = Object.entries(collectCoreTypes()).map(([name, fields]) => {
    const body = Object.entries(fields).map(([field, type]) => `    ${JSON.stringify(field)}: '${type}',\n`);
    return `  ${name}: {\n${body.join('')}  },\n`;
  });
  return [
    '// Made by kube-api/schema/generate-core.ts from @kubernetes/client-node. Do not edit.\n',
    'export const CORE_TYPES: Readonly<Record<string, Readonly<Record<string, string>>>> = {\n',
    ...lines,
    '};\n',
  ].join('');
}

const self = fileURLToPath(import.meta.url);
if (process.argv[1] === self) {
  writeFileSync(fileURLToPath(new URL('./generated/core-types.ts', import.meta.url)), printCoreTypes());
}
