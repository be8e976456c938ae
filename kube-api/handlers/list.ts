import type { KubeObject } from '../kube-object.ts';
import { numberOf, type ResourceRequest } from '../request.ts';
import { apiVersionOf, type ResourceDefinition } from '../resources.ts';
import { parseSelectors } from '../selectors.ts';
import { sortKey } from '../snapshot.ts';
import {
  badRequest,
  expired,
  groupResource,
  tooLargeResourceVersion,
  tooOldResourceVersion,
} from '../status.ts';
import type { ApiContext, Reply } from './context.ts';
import { presented } from './presented.ts';

/** Where the next page goes on: in the state of `resourceVersion`, after the object with this sort key. */
interface Continue {
  resourceVersion: number;
  after: string;
}

/** A page of a list that is consistent over all its pages: they are read from the state that the first one saw. */
export function handleList({ store }: ApiContext, request: ResourceRequest): Reply {
  const { resource, namespace, query } = request;
  const limit = numberOf(query, 'limit') ?? 0;
  const matches = parseSelectors(query, resource);
  const token = query.get('continue');
  const from = token ? parseContinue(token) : undefined;
  const resourceVersion = from?.resourceVersion ?? versionToList(query, store.resourceVersion);
  const snapshot = store.snapshotAt(resourceVersion, groupResource(resource), namespace);
  if (!snapshot) {
    throw from
      ? expired(
          'The provided continue parameter is too old to display a consistent list result. You must start a new list without the continue parameter.',
        )
      : tooOldResourceVersion(resourceVersion, store.oldestAnswerable());
  }
  const items: KubeObject[] = [];
  let more = false;
  for (const object of snapshot.after(from?.after ?? '')) {
    if (matches && !matches(object)) continue;
    more = limit > 0 && items.length === limit;
    if (more) break;
    items.push(object);
  }
  const body = {
    kind: resource.listKind,
    apiVersion: apiVersionOf(resource),
    metadata: {
      resourceVersion: String(resourceVersion),
      ...(more
        ? {
            continue: formatContinue({ resourceVersion, after: sortKey(items.at(-1)!) }),
            // Kubernetes does not count what a selector leaves out.
            ...(matches ? {} : { remainingItemCount: snapshot.countAfter(sortKey(items.at(-1)!)) }),
          }
        : {}),
    },
    items: items.map((object) => shownIn(resource, object)),
  };
  return { code: 200, body };
}

/** Items of built-in kinds go without apiVersion and kind in a list, as the API server sends them. */
function shownIn(resource: ResourceDefinition, object: KubeObject): object {
  if (resource.custom) return presented(resource, object);
  const { apiVersion: _, kind: __, ...item } = object;
  return item;
}

function versionToList(query: URLSearchParams, current: number): number {
  const asked = numberOf(query, 'resourceVersion') ?? 0;
  const match = query.get('resourceVersionMatch');
  if (match && !query.get('resourceVersion')) {
    throw badRequest('resourceVersionMatch is forbidden unless resourceVersion is provided');
  }
  if (asked > current) throw tooLargeResourceVersion(asked, current);
  return match === 'Exact' && asked > 0 ? asked : current;
}

const formatContinue = (token: Continue): string => Buffer.from(JSON.stringify(token)).toString('base64url');

function parseContinue(text: string): Continue {
  try {
    const { resourceVersion, after } = JSON.parse(
      Buffer.from(text, 'base64url').toString(),
    ) as Partial<Continue>;
    if (Number.isSafeInteger(resourceVersion) && typeof after === 'string') {
      return { resourceVersion: resourceVersion!, after };
    }
  } catch {
    // Not ours: refused below, as anything else that is not a token.
  }
  throw badRequest('continue key is not valid');
}
