import { checkArray, checkCombinations, checkObject, checkScalar } from './value-rules.ts';

/**
 * A structural schema, as CRDs have them: what a value may look like, in the words of OpenAPI v3.
 * `quantity` and `int-or-string` are the two scalars of Kubernetes that JSON Schema has no word for.
 */
export interface StructuralSchema {
  readonly type:
    | 'object'
    | 'array'
    | 'string'
    | 'integer'
    | 'number'
    | 'boolean'
    | 'quantity'
    | 'int-or-string'
    | 'any';
  readonly title?: string;
  readonly description?: string;
  readonly example?: unknown;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, StructuralSchema>>;
  readonly additionalProperties?: StructuralSchema;
  readonly items?: StructuralSchema;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly nullable?: boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: boolean;
  readonly exclusiveMaximum?: boolean;
  readonly multipleOf?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  /** In the syntax of Go. */
  readonly pattern?: string;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly allOf?: readonly StructuralSchema[];
  readonly anyOf?: readonly StructuralSchema[];
  readonly oneOf?: readonly StructuralSchema[];
  readonly not?: StructuralSchema;
  /** Fields that the schema does not name are kept. */
  readonly preserveUnknownFields?: boolean;
  /** What tells the elements of a list apart: nothing, their value, or the fields of `listMapKeys`. */
  readonly listType?: 'atomic' | 'set' | 'map';
  readonly listMapKeys?: readonly string[];
  readonly mapType?: string;
  /** How a strategic merge patch treats this list: elements are told apart by this field. */
  readonly patchMergeKey?: string;
  /** A list of scalars that a strategic merge patch adds to instead of replacing. */
  readonly patchMerge?: boolean;
}

/** What is wrong with one field; `type` is a value that its Go type could not hold. */
export interface FieldError {
  readonly reason:
    | 'FieldValueRequired'
    | 'FieldValueInvalid'
    | 'FieldValueTypeInvalid'
    | 'FieldValueNotSupported'
    | 'FieldValueForbidden'
    | 'FieldValueDuplicate'
    | 'FieldValueTooLong'
    | 'FieldValueTooMany';
  readonly field: string;
  /** The text after `field: `, worded as Kubernetes words it. */
  readonly message: string;
}

export const invalidValue = (field: string, value: unknown, detail: string): FieldError => ({
  reason: 'FieldValueInvalid',
  field,
  message: `Invalid value: ${JSON.stringify(value)}: ${detail}`,
});

export const requiredValue = (field: string, detail?: string): FieldError => ({
  reason: 'FieldValueRequired',
  field,
  message: detail ? `Required value: ${detail}` : 'Required value',
});

export const forbiddenValue = (field: string, detail: string): FieldError => ({
  reason: 'FieldValueForbidden',
  field,
  message: `Forbidden: ${detail}`,
});

export function unsupportedValue(field: string, value: unknown, supported: readonly unknown[]): FieldError {
  const texts = supported.map((item) =>
    JSON.stringify(typeof item === 'string' ? item : JSON.stringify(item)),
  );
  const message = `Unsupported value: ${JSON.stringify(value)}: supported values: ${texts.join(', ')}`;
  return { reason: 'FieldValueNotSupported', field, message };
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What `schema` says of a field; own fields only, since `constructor` is a name that a client may send. */
export function fieldSchemaOf(
  schema: StructuralSchema | undefined,
  name: string,
): StructuralSchema | undefined {
  const { properties = {}, additionalProperties } = schema ?? {};
  return Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
}

export const childPath = (path: string, key: string) => (path ? `${path}.${key}` : key);

/** Fields that `schema` does not know, removed from `value` in place; their paths are returned. */
export function pruneUnknownFields(schema: StructuralSchema, value: unknown, path = ''): string[] {
  if (Array.isArray(value)) {
    const { items } = schema;
    return items ? value.flatMap((item, index) => pruneUnknownFields(items, item, `${path}[${index}]`)) : [];
  }
  if (!isRecord(value)) return [];
  const unknown: string[] = [];
  for (const key of Object.keys(value)) {
    const field = fieldSchemaOf(schema, key);
    if (field) unknown.push(...pruneUnknownFields(field, value[key], childPath(path, key)));
    else if (schema.type === 'object' && !schema.preserveUnknownFields) {
      unknown.push(childPath(path, key));
      delete value[key];
    }
  }
  return unknown;
}

/** Removes null from fields that may not be null, so that they count as absent and get their defaults. */
export function dropForbiddenNulls(schema: StructuralSchema, value: unknown): void {
  if (Array.isArray(value)) {
    for (const item of value) if (schema.items) dropForbiddenNulls(schema.items, item);
  } else if (isRecord(value)) {
    for (const [key, entry] of Object.entries(value)) {
      const field = fieldSchemaOf(schema, key);
      if (entry === null && field && !field.nullable) delete value[key];
      else if (field) dropForbiddenNulls(field, entry);
    }
  }
}

/** Sets the schema's defaults in `value` where a field is absent. */
export function applyDefaults(schema: StructuralSchema, value: unknown): void {
  if (Array.isArray(value)) {
    for (const item of value) if (schema.items) applyDefaults(schema.items, item);
  } else if (isRecord(value)) {
    for (const [key, field] of Object.entries(schema.properties ?? {})) {
      if (value[key] === undefined && field.default !== undefined)
        value[key] = structuredClone(field.default);
      applyDefaults(field, value[key]);
    }
    if (schema.additionalProperties) {
      for (const entry of Object.values(value)) applyDefaults(schema.additionalProperties, entry);
    }
  }
}

/** Everything in `value` that `schema` does not allow, unknown fields apart. */
export function validateStructure(schema: StructuralSchema, value: unknown, path = ''): FieldError[] {
  if (value === null && schema.nullable) return [];
  const actual = typeName(value);
  if (!accepts(schema.type, actual)) {
    // Kubernetes shows the type that came, not the value.
    const message = `Invalid value: "${actual}": ${path} in body must be of type ${schema.type}: "${actual}"`;
    return [{ reason: 'FieldValueTypeInvalid', field: path, message }];
  }
  const errors = checkCombinations(schema, value, path);
  if (schema.enum && !schema.enum.some((item) => isSame(item, value))) {
    errors.push(unsupportedValue(path, value, schema.enum));
  }
  if (Array.isArray(value))
    errors.push(...checkArray(schema, value, path), ...validateItems(schema, value, path));
  else if (isRecord(value)) {
    errors.push(...checkObject(schema, value, path), ...validateFields(schema, value, path));
  } else errors.push(...checkScalar(schema, value, path));
  return errors;
}

const isSame = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);

function validateItems({ items }: StructuralSchema, values: unknown[], path: string): FieldError[] {
  if (!items) return [];
  return values.flatMap((item, index) => validateStructure(items, item, `${path}[${index}]`));
}

function validateFields(
  schema: StructuralSchema,
  value: Record<string, unknown>,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  for (const name of schema.required ?? []) {
    if (value[name] === undefined) errors.push(requiredValue(childPath(path, name)));
  }
  for (const [key, entry] of Object.entries(value)) {
    const field = fieldSchemaOf(schema, key);
    if (field && entry !== undefined) errors.push(...validateStructure(field, entry, childPath(path, key)));
  }
  return errors;
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

function accepts(expected: StructuralSchema['type'], actual: string): boolean {
  switch (expected) {
    case 'any':
      return true;
    case 'number':
      return actual === 'number' || actual === 'integer';
    case 'quantity':
      return actual === 'string' || actual === 'number' || actual === 'integer';
    case 'int-or-string':
      return actual === 'string' || actual === 'integer';
    default:
      return actual === expected;
  }
}
