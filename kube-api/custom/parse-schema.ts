import { compilePattern } from '../schema/pattern.ts';
import {
  applyDefaults,
  childPath,
  type FieldError,
  forbiddenValue,
  invalidValue,
  isRecord,
  pruneUnknownFields,
  requiredValue,
  type StructuralSchema,
  unsupportedValue,
  validateStructure,
} from '../schema/structural.ts';

/** A schema as a CRD holds it: the type of its fields was checked when the CRD came in. */
type SchemaProps = Record<string, unknown>;

export interface ParsedSchema {
  schema: StructuralSchema;
  errors: FieldError[];
}

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];

/** Keywords that say of a value what they say in JSON Schema. */
const PLAIN_KEYWORDS = [
  'title',
  'description',
  'example',
  'format',
  'required',
  'enum',
  'default',
  'nullable',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'pattern',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
] as const;

/** Keywords that Kubernetes forbids in a CRD's schema. */
const FORBIDDEN_KEYWORDS = [
  '$ref',
  'id',
  'definitions',
  'patternProperties',
  'dependencies',
  'additionalItems',
];

/** Within allOf, anyOf, oneOf and not, a schema only restricts values: it names no structure of its own. */
const STRUCTURE_KEYWORDS = ['description', 'title', 'default', 'nullable', 'additionalProperties'];

const LIST_TYPES = ['atomic', 'set', 'map'];

/** The schema that a CRD's `openAPIV3Schema` describes, and everything in it that a structural schema may not have. */
export function parseSchema(props: SchemaProps, path: string): ParsedSchema {
  const errors: FieldError[] = [];
  const schema = parse(props, path, errors, false);
  if (props.type !== 'object') {
    errors.push(invalidValue(`${path}.type`, props.type ?? '', 'must be object at the root'));
  }
  return { schema, errors };
}

function parse(props: SchemaProps, path: string, errors: FieldError[], nested: boolean): StructuralSchema {
  const plain: Record<string, unknown> = {};
  for (const keyword of PLAIN_KEYWORDS) if (props[keyword] !== undefined) plain[keyword] = props[keyword];
  checkKeywords(props, path, errors, nested);
  const children = (keyword: 'allOf' | 'anyOf' | 'oneOf') => {
    const list = props[keyword] as SchemaProps[] | undefined;
    return (
      list && {
        [keyword]: list.map((one, index) => parse(one, `${path}.${keyword}[${index}]`, errors, true)),
      }
    );
  };
  const schema: StructuralSchema = {
    ...plain,
    type: typeOf(props, path, errors, nested),
    ...structureOf(props, path, errors, nested),
    ...children('allOf'),
    ...children('anyOf'),
    ...children('oneOf'),
    ...(isRecord(props.not) ? { not: parse(props.not, `${path}.not`, errors, true) } : {}),
    ...(props['x-kubernetes-preserve-unknown-fields'] === true ? { preserveUnknownFields: true } : {}),
    ...listRulesOf(props, path, errors),
    ...(props['x-kubernetes-map-type'] ? { mapType: String(props['x-kubernetes-map-type']) } : {}),
  };
  if (schema.default !== undefined) errors.push(...defaultErrors(schema, `${path}.default`));
  return schema;
}

function typeOf(
  props: SchemaProps,
  path: string,
  errors: FieldError[],
  nested: boolean,
): StructuralSchema['type'] {
  const { type } = props;
  if (props['x-kubernetes-int-or-string'] === true) {
    if (type)
      errors.push(forbiddenValue(`${path}.type`, 'must be empty if x-kubernetes-int-or-string is true'));
    return 'int-or-string';
  }
  if (!type) {
    if (!nested && props['x-kubernetes-preserve-unknown-fields'] !== true) {
      errors.push(requiredValue(`${path}.type`, 'must not be empty for specified object fields'));
    }
    return 'any';
  }
  if (!TYPES.includes(type as string)) errors.push(unsupportedValue(`${path}.type`, type, TYPES));
  return type as StructuralSchema['type'];
}

function checkKeywords(props: SchemaProps, path: string, errors: FieldError[], nested: boolean): void {
  for (const keyword of [...FORBIDDEN_KEYWORDS, ...(nested ? STRUCTURE_KEYWORDS : [])]) {
    if (props[keyword] === undefined) continue;
    errors.push(
      forbiddenValue(`${path}.${keyword}`, nested ? 'must be empty to be structural' : 'not supported'),
    );
  }
  if (props.uniqueItems === true) {
    const detail = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic';
    errors.push(forbiddenValue(`${path}.uniqueItems`, detail));
  }
  const { pattern } = props;
  if (typeof pattern === 'string' && !compilePattern(pattern)) {
    errors.push(invalidValue(`${path}.pattern`, pattern, "must be a valid regular expression, but isn't"));
  }
}

/** Fields, entries and items. */
function structureOf(
  props: SchemaProps,
  path: string,
  errors: FieldError[],
  nested: boolean,
): Partial<StructuralSchema> {
  const { properties, additionalProperties, items, type } = props;
  if (properties !== undefined && additionalProperties !== undefined) {
    const detail = 'additionalProperties and properties are mutual exclusive';
    errors.push(forbiddenValue(`${path}.additionalProperties`, detail));
  }
  if (additionalProperties === false) {
    errors.push(
      forbiddenValue(`${path}.additionalProperties`, 'additionalProperties cannot be set to false'),
    );
  }
  if (type === 'array' && items === undefined && !nested) {
    errors.push(requiredValue(`${path}.items`, 'must be specified'));
  }
  const fields = Object.entries((properties ?? {}) as Record<string, SchemaProps>).map(
    ([name, one]) => [name, parse(one, `${path}.properties[${name}]`, errors, nested)] as const,
  );
  // An embedded object has what every object has, whether its schema says so or not.
  const own = props['x-kubernetes-embedded-resource'] === true ? EMBEDDED_FIELDS : [];
  return {
    ...(fields.length + own.length > 0 ? { properties: Object.fromEntries([...fields, ...own]) } : {}),
    ...(isRecord(additionalProperties)
      ? { additionalProperties: parse(additionalProperties, `${path}.additionalProperties`, errors, nested) }
      : {}),
    ...(additionalProperties === true
      ? { additionalProperties: { type: 'any' as const, nullable: true } }
      : {}),
    ...(isRecord(items) ? { items: parse(items, `${path}.items`, errors, nested) } : {}),
  };
}

const EMBEDDED_FIELDS: ReadonlyArray<readonly [string, StructuralSchema]> = [
  ['apiVersion', { type: 'string' }],
  ['kind', { type: 'string' }],
  ['metadata', { type: 'object', preserveUnknownFields: true }],
];

function listRulesOf(props: SchemaProps, path: string, errors: FieldError[]): Partial<StructuralSchema> {
  const listType = props['x-kubernetes-list-type'];
  const listMapKeys = props['x-kubernetes-list-map-keys'] as string[] | undefined;
  if (listType === undefined) return {};
  const field = childPath(path, 'x-kubernetes-list-type');
  if (!LIST_TYPES.includes(listType as string)) errors.push(unsupportedValue(field, listType, LIST_TYPES));
  if (listType === 'map' && !listMapKeys?.length) {
    const detail = 'must not be empty if x-kubernetes-list-type is map';
    errors.push(requiredValue(childPath(path, 'x-kubernetes-list-map-keys'), detail));
  }
  return {
    listType: listType as StructuralSchema['listType'],
    ...(listMapKeys ? { listMapKeys } : {}),
  };
}

/** What is wrong with a default: it has to be a value that the schema takes as it is. */
function defaultErrors(schema: StructuralSchema, path: string): FieldError[] {
  const value = structuredClone(schema.default);
  const unknown = pruneUnknownFields(schema, value);
  if (unknown[0]) return [invalidValue(path, schema.default, `unknown field "${unknown[0]}"`)];
  applyDefaults(schema, value);
  return validateStructure(schema, value, path);
}
