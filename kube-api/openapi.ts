import { objectSchema } from './decode.ts';
import { apiVersionOf, type ResourceDefinition, type ResourceRegistry } from './resources.ts';
import type { StructuralSchema } from './schema/structural.ts';
import { SERVER_VERSION } from './version.ts';

const groupVersionPath = (resource: { group: string; version: string }): string =>
  resource.group ? `apis/${apiVersionOf(resource)}` : `api/${resource.version}`;

/**
 * Answers `/openapi/v3` and its documents, one per group and version: the schemas that `kubectl explain` and `kubectl apply`
 * read, and of the operations only what tells kubectl that fields are validated here. Undefined for another path.
 */
export function openApiV3(path: string, registry: ResourceRegistry): object | undefined {
  const documents = Map.groupBy(registry.all(), groupVersionPath);
  if (path === '/openapi/v3') {
    const paths = [...documents.keys()].map((key) => [key, { serverRelativeURL: `/openapi/v3/${key}` }]);
    return { paths: Object.fromEntries(paths) };
  }
  const resources = documents.get(path.slice('/openapi/v3/'.length));
  if (!resources) return undefined;
  return {
    openapi: '3.0.0',
    info: { title: 'Octograph embedded Kubernetes API', version: SERVER_VERSION.gitVersion },
    paths: Object.fromEntries(resources.flatMap(describePaths)),
    components: { schemas: Object.fromEntries(resources.map((one) => [schemaName(one), describeKind(one)])) },
  };
}

const schemaName = ({ group, version, kind }: ResourceDefinition): string =>
  `${(group || 'core').split('.').reverse().join('.')}.${version}.${kind}`;

const kindOf = ({ group, version, kind }: ResourceDefinition) => ({ group, version, kind });

function describePaths(resource: ResourceDefinition): Array<[string, object]> {
  const collection = `/${groupVersionPath(resource)}/${resource.namespaced ? 'namespaces/{namespace}/' : ''}${resource.plural}`;
  const extension = { 'x-kubernetes-group-version-kind': kindOf(resource) };
  const parameters = ['dryRun', 'fieldValidation'].map((name) => ({
    name,
    in: 'query',
    schema: { type: 'string' },
  }));
  const body = {
    content: { 'application/json': { schema: { $ref: `#/components/schemas/${schemaName(resource)}` } } },
  };
  const responses = { 200: { description: 'OK', ...body } };
  const operation = (action: string) => ({
    'x-kubernetes-action': action,
    ...extension,
    parameters,
    requestBody: body,
    responses,
  });
  const kept = resource.verbs.includes('get');
  const list = { 'x-kubernetes-action': 'list', ...extension, responses };
  const ofCollection = { ...(kept ? { get: list } : {}), post: operation('post') };
  const ofObject = {
    get: { 'x-kubernetes-action': 'get', ...extension, responses },
    put: operation('put'),
    patch: operation('patch'),
    delete: { 'x-kubernetes-action': 'delete', ...extension, responses },
  };
  return [
    [collection, ofCollection],
    ...(kept ? [[`${collection}/{name}`, ofObject] as [string, object]] : []),
  ];
}

const describeKind = (resource: ResourceDefinition): object => ({
  ...describeSchema(objectSchema(resource)),
  'x-kubernetes-group-version-kind': [kindOf(resource)],
});

/** A schema in the words of OpenAPI v3. A type that contains itself, as a CRD's schema does, ends where it comes again. */
export function describeSchema(
  schema: StructuralSchema,
  ancestors: readonly StructuralSchema[] = [],
): Record<string, unknown> {
  const {
    type,
    properties,
    additionalProperties,
    items,
    allOf,
    anyOf,
    oneOf,
    not,
    preserveUnknownFields,
    listType,
    listMapKeys,
    mapType,
    patchMergeKey,
    patchMerge,
    ...plain
  } = schema;
  if (ancestors.includes(schema)) return describeType(type);
  const describe = (one: StructuralSchema) => describeSchema(one, [...ancestors, schema]);
  return {
    ...describeType(type),
    ...plain,
    ...(properties ? { properties: mapValues(properties, describe) } : {}),
    ...(additionalProperties ? { additionalProperties: describe(additionalProperties) } : {}),
    ...(items ? { items: describe(items) } : {}),
    ...(allOf ? { allOf: allOf.map(describe) } : {}),
    ...(anyOf ? { anyOf: anyOf.map(describe) } : {}),
    ...(oneOf ? { oneOf: oneOf.map(describe) } : {}),
    ...(not ? { not: describe(not) } : {}),
    ...(preserveUnknownFields ? { 'x-kubernetes-preserve-unknown-fields': true } : {}),
    ...(listType ? { 'x-kubernetes-list-type': listType } : {}),
    ...(listMapKeys ? { 'x-kubernetes-list-map-keys': listMapKeys } : {}),
    ...(mapType ? { 'x-kubernetes-map-type': mapType } : {}),
    ...(patchMergeKey ? { 'x-kubernetes-patch-merge-key': patchMergeKey } : {}),
    ...(patchMergeKey || patchMerge ? { 'x-kubernetes-patch-strategy': 'merge' } : {}),
  };
}

function describeType(type: StructuralSchema['type']): Record<string, unknown> {
  switch (type) {
    case 'any':
      return {};
    case 'quantity':
      return { oneOf: [{ type: 'string' }, { type: 'number' }] };
    case 'int-or-string':
      return { oneOf: [{ type: 'integer' }, { type: 'string' }], format: 'int-or-string' };
    default:
      return { type };
  }
}

const mapValues = <T, R>(record: Readonly<Record<string, T>>, change: (value: T) => R): Record<string, R> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
