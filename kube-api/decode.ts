import { parse as parseYaml } from 'yaml';
import { messageOf } from '../lib/errors.ts';
import type { KubeObject } from './kube-object.ts';
import { decodeProtobuf, PROTOBUF, readsProtobufOf } from './protobuf.ts';
import { apiVersionOf, type ResourceDefinition } from './resources.ts';
import { coreSchema } from './schema/core.ts';
import {
  applyDefaults,
  dropForbiddenNulls,
  fieldSchemaOf,
  isRecord,
  pruneUnknownFields,
  type StructuralSchema,
  validateStructure,
} from './schema/structural.ts';
import { ApiError, badRequest, invalid, unsupportedMediaType } from './status.ts';

const OBJECT_TYPES = ['application/json', 'application/yaml'];

/** What happens to fields that the kind does not have; they are dropped in any case. */
export type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

export interface Decoded {
  object: KubeObject;
  warnings: string[];
}

/** @throws ApiError 400 for a directive that is none of the three. */
export function fieldValidationOf(query: URLSearchParams): FieldValidation {
  const asked = query.get('fieldValidation') || 'Warn';
  if (asked === 'Ignore' || asked === 'Warn' || asked === 'Strict') return asked;
  throw badRequest(`fieldValidation ${JSON.stringify(asked)}: supported values are Ignore, Warn, Strict`);
}

/**
 * Reads a body that should hold an object of `kind`.
 * @throws ApiError 415 for another media type than JSON, YAML and, of a few kinds, protobuf; 400 for what is none of them.
 */
export function parseBody(body: Buffer, contentType: string, kind: string): unknown {
  const mediaType = mediaTypeOf(contentType) || 'application/json';
  if (mediaType === PROTOBUF && readsProtobufOf(kind)) return decodeProtobuf(body);
  if (!OBJECT_TYPES.includes(mediaType)) throw unsupportedMediaType(OBJECT_TYPES);
  try {
    return mediaType === 'application/json' ? JSON.parse(body.toString()) : parseYaml(body.toString());
  } catch (error) {
    throw badRequest(
      `the object provided is unrecognized (must be of type ${mediaType}): ${messageOf(error)}`,
    );
  }
}

export const mediaTypeOf = (contentType: string): string =>
  contentType.split(';', 1)[0]!.trim().toLowerCase();

/**
 * Makes an object of `resource` from what a client sent: fields that the kind lacks dropped, defaults set.
 * @throws ApiError 400 when it is not of that kind, or has unknown fields under Strict; 422 when a custom resource does
 *   not fit its schema.
 */
export function decodeObject(
  raw: unknown,
  resource: ResourceDefinition,
  validation: FieldValidation,
): Decoded {
  // A copy: what follows drops and fills in fields, and a patched object shares parts with the stored one.
  const value = structuredClone(asKind(raw, resource));
  const schema = objectSchema(resource);
  dropNulls(value.metadata);
  if (!resource.custom) normalizeBuiltIn(value, schema);
  const unknown = pruneUnknownFields(schema, value).map((path) => `unknown field "${path}"`);
  if (validation === 'Strict' && unknown.length > 0) {
    throw new UndecodableError(resource, `strict decoding error: ${unknown.join(', ')}`);
  }
  const metaErrors = validateStructure(META, value.metadata, 'metadata');
  if (metaErrors[0]) throw new UndecodableError(resource, `${metaErrors[0].field}: ${metaErrors[0].message}`);
  if (resource.custom) {
    dropForbiddenNulls(resource.schema, value);
    applyDefaults(schema, value);
  }
  const errors = validateStructure(resource.schema, { ...value, metadata: undefined });
  if (errors[0]) {
    if (resource.custom)
      throw invalid(resource, String((value.metadata as { name?: unknown }).name ?? ''), errors);
    throw new UndecodableError(resource, `${errors[0].field}: ${errors[0].message}`);
  }
  const { apiVersion, kind, metadata, ...rest } = value as KubeObject;
  const object: KubeObject = { apiVersion, kind, metadata, ...rest };
  resource.setDefaults?.(object);
  return { object, warnings: validation === 'Warn' ? unknown : [] };
}

const META = coreSchema('V1ObjectMeta');
const TEXT: StructuralSchema = { type: 'string' };

/** The schema of the whole object, with what all kinds have in common. */
export function objectSchema({ schema }: ResourceDefinition): StructuralSchema {
  return {
    ...schema,
    properties: { ...schema.properties, apiVersion: TEXT, kind: TEXT, metadata: META },
  };
}

function asKind(raw: unknown, resource: ResourceDefinition): Record<string, unknown> {
  if (!isRecord(raw)) throw new UndecodableError(resource, 'the object provided is not a JSON object');
  const expected = apiVersionOf(resource);
  const {
    apiVersion = resource.custom ? undefined : expected,
    kind = resource.custom ? undefined : resource.kind,
  } = raw;
  if (typeof kind !== 'string' || kind === '')
    throw badRequest(`Object 'Kind' is missing in '${excerpt(raw)}'`);
  if (typeof apiVersion !== 'string' || apiVersion === '') {
    throw badRequest(`Object 'apiVersion' is missing in '${excerpt(raw)}'`);
  }
  if (apiVersion !== expected) {
    throw badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${expected})`,
    );
  }
  if (kind !== resource.kind) {
    throw badRequest(`${kind} in version "${resource.version}" cannot be handled as a ${resource.kind}`);
  }
  const metadata = raw.metadata ?? {};
  if (!isRecord(metadata)) throw new UndecodableError(resource, 'metadata is not an object');
  return { ...raw, apiVersion, kind, metadata: withoutServerFields(metadata) };
}

function excerpt(raw: unknown): string {
  const text = JSON.stringify(raw);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

/** Nobody manages fields here, and selfLink is history. */
function withoutServerFields({ managedFields: _, selfLink: __, ...metadata }: Record<string, unknown>) {
  return metadata;
}

/** What came is no object of its kind. */
export class UndecodableError extends ApiError {
  readonly detail: string;

  constructor({ kind, version }: ResourceDefinition, detail: string) {
    const message = `${kind} in version "${version}" cannot be handled as a ${kind}: ${detail}`;
    super(400, 'BadRequest', message);
    this.detail = detail;
  }
}

function dropNulls(value: unknown): void {
  if (Array.isArray(value)) value.forEach(dropNulls);
  else if (isRecord(value)) {
    for (const [key, entry] of Object.entries(value)) {
      if (entry === null) delete value[key];
      else dropNulls(entry);
    }
  }
}

/** Go reads null as absent, and keeps quantities as text. */
function normalizeBuiltIn(value: Record<string, unknown>, schema: StructuralSchema): void {
  for (const [key, entry] of Object.entries(value)) {
    const field = fieldSchemaOf(schema, key);
    if (entry === null) delete value[key];
    else if (field?.type === 'quantity' && typeof entry === 'number') value[key] = String(entry);
    else if (isRecord(entry) && field) normalizeBuiltIn(entry, field);
    else if (Array.isArray(entry) && field?.items) {
      for (const item of entry) if (isRecord(item)) normalizeBuiltIn(item, field.items);
    }
  }
}
