import { CORE_TYPES } from './generated/core-types.ts';
import type { StructuralSchema } from './structural.ts';

/** Lists of objects whose elements a strategic merge patch tells apart by this field. Source: k8s.io/api struct tags. */
const PATCH_MERGE_KEYS: Readonly<Record<string, string>> = {
  addresses: 'type',
  conditions: 'type',
  containers: 'name',
  env: 'name',
  ephemeralContainers: 'name',
  hostAliases: 'ip',
  imagePullSecrets: 'name',
  initContainers: 'name',
  ownerReferences: 'uid',
  podIPs: 'ip',
  ports: 'containerPort',
  resourceClaims: 'name',
  schedulingGates: 'name',
  secrets: 'name',
  topologySpreadConstraints: 'topologyKey',
  volumeDevices: 'devicePath',
  volumeMounts: 'mountPath',
  volumes: 'name',
};

const PATCH_MERGED_SCALARS = new Set(['finalizers', 'podCIDRs']);

const FORMATS: Readonly<Record<string, StructuralSchema>> = {
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  'date-time': { type: 'string', format: 'date-time' },
  byte: { type: 'string', format: 'byte' },
};

const built = new Map<string, StructuralSchema>();

/** The schema of a built-in type, by the name that Kubernetes' OpenAPI models give it (`V1Pod`). */
export function coreSchema(typeName: string): StructuralSchema {
  const known = built.get(typeName);
  if (known) return known;
  const fields = CORE_TYPES[typeName];
  if (!fields) throw new Error(`no built-in type ${typeName}`);
  const properties: Record<string, StructuralSchema> = {};
  const schema: StructuralSchema = { type: 'object', properties };
  built.set(typeName, schema);
  for (const [name, expression] of Object.entries(fields)) properties[name] = fieldSchema(name, expression);
  return schema;
}

function fieldSchema(name: string, expression: string): StructuralSchema {
  if (expression.endsWith('{}')) {
    return { type: 'object', additionalProperties: fieldSchema(name, expression.slice(0, -2)) };
  }
  if (expression.endsWith('[]')) {
    const items = fieldSchema('', expression.slice(0, -2));
    const mergeKey = PATCH_MERGE_KEYS[name];
    if (mergeKey && items.properties?.[mergeKey]) return { type: 'array', items, patchMergeKey: mergeKey };
    return { type: 'array', items, ...(PATCH_MERGED_SCALARS.has(name) ? { patchMerge: true } : {}) };
  }
  if (expression in CORE_TYPES) return coreSchema(expression);
  return FORMATS[expression] ?? { type: expression as StructuralSchema['type'] };
}
