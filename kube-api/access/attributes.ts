import { flagOf } from '../request.ts';
import type { ResourcePath } from '../resource-path.ts';

/** What somebody wants to do, in the words that roles use. */
export type Attributes = ResourceAttributes | PathAttributes;

export interface ResourceAttributes {
  readonly kind: 'resource';
  readonly verb: string;
  /** "" is the core group. */
  readonly group: string;
  readonly resource: string;
  /** "" is the object itself. */
  readonly subresource: string;
  /** "" is of all namespaces, or cluster-scoped. */
  readonly namespace: string;
  /** "" is any. */
  readonly name: string;
}

export interface PathAttributes {
  readonly kind: 'path';
  readonly verb: string;
  readonly path: string;
}

const VERBS: Readonly<Record<string, string>> = {
  GET: 'get',
  HEAD: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** What a request wants, whether what it names is served or not. Source: RequestInfo of k8s.io/apiserver. */
export function attributesOf(
  method: string,
  path: string,
  target: ResourcePath | undefined,
  query: URLSearchParams,
): Attributes {
  if (!target) return { kind: 'path', verb: method.toLowerCase(), path };
  const { group, plural, name = '', subresource = '' } = target;
  const verb = verbOf(VERBS[method] ?? '', name !== '', !subresource && flagOf(query, 'watch'));
  return {
    kind: 'resource',
    verb,
    group,
    resource: plural,
    subresource,
    // A namespace is in itself, so that a role in it can be about it.
    namespace: target.namespace ?? (group === '' && plural === 'namespaces' ? name : ''),
    name: name || (['list', 'watch', 'deletecollection'].includes(verb) ? selectedName(query) : ''),
  };
}

function verbOf(verb: string, named: boolean, watch: boolean): string {
  if (verb === 'get' && watch) return 'watch';
  if (named) return verb;
  return { get: 'list', delete: 'deletecollection' }[verb] ?? verb;
}

/** A list of the one object that a field selector names counts as a request for that object. */
const selectedName = (query: URLSearchParams): string =>
  /(?:^|,)\s*metadata\.name\s*==?\s*([^,\s]+)/.exec(query.get('fieldSelector') ?? '')?.[1] ?? '';
