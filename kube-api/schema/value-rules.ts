import { isIP } from 'node:net';
import { compilePattern } from './pattern.ts';
import { type FieldError, invalidValue, type StructuralSchema, validateStructure } from './structural.ts';

// What a schema demands of a value beyond its type. Texts: k8s.io/kube-openapi/pkg/validation/errors.

/** allOf, anyOf, oneOf, not. */
export function checkCombinations(schema: StructuralSchema, value: unknown, path: string): FieldError[] {
  const { allOf = [], anyOf, oneOf, not } = schema;
  const fits = (one: StructuralSchema) => validateStructure(one, value, path).length === 0;
  const errors = allOf.flatMap((one) => validateStructure(one, value, path));
  const refuse = (rule: string) => errors.push(invalidValue(path, '', `"${path}" ${rule}`));
  if (errors.length > 0) refuse('must validate all the schemas (allOf)');
  if (anyOf && !anyOf.some(fits)) refuse('must validate at least one schema (anyOf)');
  const fitting = oneOf?.filter(fits).length ?? 1;
  if (fitting !== 1) {
    const found = fitting === 0 ? 'Found none valid' : `Found ${fitting} valid alternatives`;
    refuse(`must validate one and only one schema (oneOf). ${found}`);
  }
  if (not && fits(not)) refuse('must not validate the schema (not)');
  return errors;
}

export function checkScalar(schema: StructuralSchema, value: unknown, path: string): FieldError[] {
  if (typeof value === 'string')
    return [...checkText(schema, value, path), ...checkFormat(schema, value, path)];
  if (typeof value === 'number')
    return [...checkNumber(schema, value, path), ...checkFormat(schema, value, path)];
  return [];
}

function checkText(schema: StructuralSchema, value: string, path: string): FieldError[] {
  const { minLength = 0, maxLength, pattern } = schema;
  const errors: FieldError[] = [];
  const length = [...value].length;
  if (length < minLength) {
    errors.push(invalidValue(path, value, `${path} in body should be at least ${minLength} chars long`));
  }
  if (maxLength !== undefined && length > maxLength) {
    const message = `Too long: may not be more than ${maxLength} bytes`;
    errors.push({ reason: 'FieldValueTooLong', field: path, message });
  }
  if (pattern !== undefined && compilePattern(pattern)?.test(value) === false) {
    errors.push(invalidValue(path, value, `${path} in body should match '${pattern}'`));
  }
  return errors;
}

function checkNumber(schema: StructuralSchema, value: number, path: string): FieldError[] {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  const errors: FieldError[] = [];
  const refuse = (rule: string) =>
    errors.push(invalidValue(path, value, `${path} in body should be ${rule}`));
  if (minimum !== undefined && (exclusiveMinimum ? value <= minimum : value < minimum)) {
    refuse(`greater than ${exclusiveMinimum ? '' : 'or equal to '}${minimum}`);
  }
  if (maximum !== undefined && (exclusiveMaximum ? value >= maximum : value > maximum)) {
    refuse(`less than ${exclusiveMaximum ? '' : 'or equal to '}${maximum}`);
  }
  if (multipleOf !== undefined && !isMultiple(value, multipleOf)) refuse(`a multiple of ${multipleOf}`);
  return errors;
}

/** 0.3 is a multiple of 0.1, whatever binary fractions say. */
function isMultiple(value: number, factor: number): boolean {
  const quotient = value / factor;
  return Math.abs(quotient - Math.round(quotient)) < 1e-9 * Math.max(1, Math.abs(quotient));
}

export function checkArray(schema: StructuralSchema, values: unknown[], path: string): FieldError[] {
  const { minItems = 0, maxItems, listType, listMapKeys = [] } = schema;
  const errors: FieldError[] = [];
  if (values.length < minItems) {
    const detail = `${path} in body should have at least ${minItems} items`;
    errors.push(invalidValue(path, values.length, detail));
  }
  if (maxItems !== undefined && values.length > maxItems) errors.push(tooMany(path, values.length, maxItems));
  if (listType === 'set' || listType === 'map')
    errors.push(...duplicates(values, path, listType, listMapKeys));
  return errors;
}

function duplicates(
  values: unknown[],
  path: string,
  listType: 'set' | 'map',
  keys: readonly string[],
): FieldError[] {
  const seen = new Set<string>();
  return values.flatMap((value, index) => {
    const identity =
      listType === 'set' ? value : Object.fromEntries(keys.map((key) => [key, (value as never)?.[key]]));
    const text = JSON.stringify(identity);
    if (!seen.has(text)) {
      seen.add(text);
      return [];
    }
    const message = `Duplicate value: ${text}`;
    return [{ reason: 'FieldValueDuplicate' as const, field: `${path}[${index}]`, message }];
  });
}

export function checkObject(
  { minProperties = 0, maxProperties }: StructuralSchema,
  value: object,
  path: string,
): FieldError[] {
  const count = Object.keys(value).length;
  if (count < minProperties) {
    return [invalidValue(path, count, `${path} in body should have at least ${minProperties} properties`)];
  }
  return maxProperties !== undefined && count > maxProperties ? [tooMany(path, count, maxProperties)] : [];
}

const tooMany = (field: string, actual: number, limit: number): FieldError => ({
  reason: 'FieldValueTooMany',
  field,
  message: `Too many: ${actual}: must have at most ${limit} items`,
});

const DATE = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;
const DATE_TIME = /^(\d{4}-\d{2}-\d{2})[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const MAX_INT32 = 2 ** 31;

/** The formats that are checked; any other one is a note for readers. */
const FORMATS: Readonly<Record<string, (value: string | number) => boolean>> = {
  'date-time': (value) => DATE.test(DATE_TIME.exec(String(value))?.[1] ?? ''),
  date: (value) => DATE.test(String(value)),
  byte: (value) => BASE64.test(String(value).replace(/[\r\n]/g, '')),
  ipv4: (value) => isIP(String(value)) === 4,
  ipv6: (value) => isIP(String(value)) === 6,
  uuid: (value) => UUID.test(String(value)),
  uri: (value) => URL.canParse(String(value)),
  int32: (value) => typeof value !== 'number' || (value >= -MAX_INT32 && value < MAX_INT32),
};

function checkFormat({ format = '' }: StructuralSchema, value: string | number, path: string): FieldError[] {
  if (!Object.hasOwn(FORMATS, format) || FORMATS[format]!(value)) return [];
  const text = JSON.stringify(value);
  const message = `Invalid value: ${text}: ${path} in body must be of type ${format}: ${text}`;
  return [{ reason: 'FieldValueTypeInvalid', field: path, message }];
}
