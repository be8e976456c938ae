import { badRequest } from './status.ts';

/** What `/api/v1/…` and `/apis/<group>/<version>/…` name, whether it is served or not. */
export interface ResourcePath {
  /** "" is the core group. */
  readonly group: string;
  readonly version: string;
  /** Undefined: of all namespaces, or cluster-scoped. */
  readonly namespace: string | undefined;
  readonly plural: string;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
  /** There is more behind the subresource. */
  readonly goesOn: boolean;
}

/** Parts of a Namespace, and not kinds within it. */
const NAMESPACE_SUBRESOURCES = ['status', 'finalize'];

/**
 * Reads the path of a request for objects; undefined for another path.
 * @throws ApiError 400 when it is badly escaped.
 */
export function parseResourcePath(path: string): ResourcePath | undefined {
  const match = /^\/(?:api\/([^/]+)|apis\/([^/]+)\/([^/]+))\/(.+)$/.exec(path);
  if (!match) return undefined;
  const [, coreVersion, group = '', version = coreVersion ?? '', rest = ''] = match;
  const segments = rest.split('/').map(unescapeSegment);
  const namespaced =
    segments[0] === 'namespaces' && segments.length > 2 && !NAMESPACE_SUBRESOURCES.includes(segments[2]!);
  const [plural = '', name, subresource, ...more] = namespaced ? segments.slice(2) : segments;
  const namespace = namespaced ? segments[1] : undefined;
  return { group, version, namespace, plural, name, subresource, goesOn: more.length > 0 };
}

function unescapeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw badRequest(`invalid URL escape in ${JSON.stringify(segment)}`);
  }
}
