import type { UserInfo } from './access/user.ts';
import type { ResourcePath } from './resource-path.ts';
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
  /** What is posted to the object's subresource, to have something done with it. */
  readonly action: ResourceDefinition | undefined;
  readonly user: UserInfo;
  readonly query: URLSearchParams;
  readonly contentType: string;
  readonly body: Buffer;
}

export type Verb =
  | 'get'
  | 'list'
  | 'watch'
  | 'create'
  | 'replace'
  | 'patch'
  | 'delete'
  | 'deletecollection'
  | 'act'
  | 'review';

/** What of a request its path says. */
export type Target = Pick<ResourceRequest, 'resource' | 'namespace' | 'name' | 'subresource' | 'action'>;

/** @throws ApiError 404 when the path names a kind or a part that is not served. */
export function targetOf(path: ResourcePath, registry: ResourceRegistry): Target {
  const { namespace, name, subresource } = path;
  const resource = registry.find(path.group, path.version, path.plural);
  if (!resource || path.goesOn || name === '') throw unknownPath();
  if (namespace !== undefined && !resource.namespaced) throw unknownPath();
  if (name !== undefined && resource.namespaced && namespace === undefined) throw unknownPath();
  const isStatus = subresource === 'status' && resource.statusSubresource;
  const action =
    subresource !== undefined && Object.hasOwn(resource.actions, subresource)
      ? resource.actions[subresource]
      : undefined;
  if (subresource !== undefined && !isStatus && !action) throw unknownPath();
  return { resource, namespace, name, subresource: isStatus ? 'status' : undefined, action };
}

/** @throws ApiError 405 for a method that the target does not have. */
export function verbOf(
  method: string,
  { resource, name, namespace, subresource, action }: Target,
  watch: boolean,
): Verb {
  if (action) {
    if (method === 'POST') return 'act';
    throw methodNotAllowed();
  }
  // What is never kept is a question.
  if (!resource.verbs.includes('get')) {
    if (method === 'POST' && name === undefined) return 'review';
    throw methodNotAllowed();
  }
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
      if (!resource.verbs.includes('deletecollection')) break;
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
