import type { ResourceDefinition, ResourceRegistry } from './resources.ts';
import { badRequest, methodNotAllowed, unknownPath } from './status.ts';

/** A request for objects of one kind. */
export interface ResourceRequest {
  readonly verb: Verb;
  readonly resource: ResourceDefinition;
  /** Undefined: of all namespaces, or cluster-scoped. */
  readonly namespace: string | undefined;
  /** Undefined: the collection. */
  readonly name: string | undefined;
  readonly subresource: 'status' | undefined;
  readonly query: URLSearchParams;
  readonly contentType: string;
  readonly body: Buffer;
}

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'replace' | 'patch' | 'delete' | 'deletecollection';

/** What of a request its path says. */
export type Target = Pick<ResourceRequest, 'resource' | 'namespace' | 'name' | 'subresource'>;

/**
 * Reads `/api/v1/…` and `/apis/<group>/<version>/…`; undefined for another path.
 * @throws ApiError 404 when it names a kind or a part that is not served, 400 when it is badly escaped.
 */
export function parseTarget(path: string, registry: ResourceRegistry): Target | undefined {
  const match = /^\/(?:api\/([^/]+)|apis\/([^/]+)\/([^/]+))\/(.+)$/.exec(path);
  if (!match) return undefined;
  const [, coreVersion, group = '', version = coreVersion ?? '', rest = ''] = match;
  const segments = rest.split('/').map(unescapeSegment);
  const namespaced = segments[0] === 'namespaces' && segments.length > 2 && segments[2] !== 'status';
  const namespace = namespaced ? segments[1] : undefined;
  const [plural = '', name, subresource, ...more] = namespaced ? segments.slice(2) : segments;
  const resource = registry.find(group, version, plural);
  if (!resource || more.length > 0 || name === '') throw unknownPath();
  if (namespace !== undefined && !resource.namespaced) throw unknownPath();
  if (name !== undefined && resource.namespaced && namespace === undefined) throw unknownPath();
  if (subresource !== undefined && !(subresource === 'status' && resource.statusSubresource))
    throw unknownPath();
  return { resource, namespace, name, subresource: subresource as 'status' | undefined };
}

function unescapeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw badRequest(`invalid URL escape in ${JSON.stringify(segment)}`);
  }
}

/** @throws ApiError 405 for a method that the target does not have. */
export function verbOf(
  method: string,
  { resource, name, namespace, subresource }: Target,
  watch: boolean,
): Verb {
  switch (method) {
    case 'GET':
    case 'HEAD':
      if (watch && !subresource) return 'watch';
      return name === undefined ? 'list' : 'get';
    case 'POST':
      if (name === undefined && (namespace !== undefined || !resource.namespaced)) return 'create';
      break;
    case 'PUT':
      if (name !== undefined) return 'replace';
      break;
    case 'PATCH':
      if (name !== undefined) return 'patch';
      break;
    case 'DELETE':
      if (subresource) break;
      if (name !== undefined) return 'delete';
      if (namespace !== undefined || !resource.namespaced) return 'deletecollection';
      break;
  }
  throw methodNotAllowed();
}

/** A flag in a query: `watch=true`, `watch=1`. */
export function flagOf(query: URLSearchParams, name: string): boolean {
  const text = query.get(name);
  return text !== null && !['', 'false', '0', 'f', 'F', 'FALSE', 'False'].includes(text);
}

/**
 * A whole number ≥ 0 in a query; undefined when absent or empty.
 * @throws ApiError 400 for anything else.
 */
export function numberOf(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (!text) return undefined;
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) {
    throw badRequest(`invalid ${name} ${JSON.stringify(text)}: a whole number is expected`);
  }
  return value;
}

/**
 * Whether the request only asks what would happen.
 * @throws ApiError 400 for another value than `All`.
 */
export function isDryRun(query: URLSearchParams, fromBody?: unknown): boolean {
  const asked = [...query.getAll('dryRun'), ...(Array.isArray(fromBody) ? fromBody : [])];
  for (const value of asked) {
    if (value !== 'All')
      throw badRequest(`dryRun: Unsupported value: ${JSON.stringify(value)}: supported values: "All"`);
  }
  return asked.length > 0;
}
