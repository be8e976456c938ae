import {
  FleetDocument,
  type NodeFieldsFragment,
  type NodeFilter,
  NodePageDocument,
  type NodePageQuery,
} from '../../schema/generated/dashboard/graphql.ts';
import type { Ask } from '../api/request.ts';
import type { FleetFilters } from '../state/route.ts';

/** Nodes per request. */
export const PAGE_SIZE = 100;

export interface Fleet {
  nodes: NodeFieldsFragment[];
  totalCount: number;
}

/** @param count how many are wanted, in pages of {@link PAGE_SIZE} */
export async function loadFleet(
  ask: Ask,
  filters: FleetFilters,
  count: number,
  signal?: AbortSignal,
): Promise<Fleet> {
  const nodes: NodeFieldsFragment[] = [];
  let after: string | undefined;
  for (;;) {
    const labelSelector = filters.labels || undefined;
    const variables = { where: whereOf(filters), labelSelector, first: PAGE_SIZE, after };
    const page = (await ask(FleetDocument, variables, signal)).nodes;
    nodes.push(...page.edges.map(({ node }) => node));
    after = page.pageInfo.endCursor ?? undefined;
    if (!page.pageInfo.hasNextPage || nodes.length >= count) return { nodes, totalCount: page.totalCount };
  }
}

/** The filters as the API's condition; labels go beside it, in kubectl's words. */
export function whereOf({ search, ready }: FleetFilters): NodeFilter {
  return {
    ...(search && { name: { like: `%${search.trim()}%` } }),
    ...(ready && { ready: ready === 'yes' }),
  };
}

export type NodeDetails = NonNullable<NodePageQuery['node']>;

/** Null: there is no such node. */
export async function loadNode(ask: Ask, name: string, signal?: AbortSignal) {
  return (await ask(NodePageDocument, { name }, signal)).node ?? null;
}

/** How many devices are neither online nor offline: unhealthy, disconnected, or never heard of. */
export const otherDevices = ({ online, offline, allDevices }: NodeFieldsFragment): number =>
  allDevices.totalCount - online.totalCount - offline.totalCount;
