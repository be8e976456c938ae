import {
  type ConflictFieldsFragment,
  type ConflictFilter,
  type ConflictKeep,
  ConflictsDocument,
  OpenConflictsDocument,
  ResolveConflictDocument,
} from '../../schema/generated/dashboard/graphql.ts';
import type { Ask } from '../api/request.ts';

/** More at once than anybody settles. */
const MOST = 100;

export interface Conflicts {
  conflicts: ConflictFieldsFragment[];
  /** There are older ones beyond these. */
  hasMore: boolean;
}

/** Newest first. */
export async function loadConflicts(
  ask: Ask,
  where: ConflictFilter,
  signal?: AbortSignal,
): Promise<Conflicts> {
  const { conflicts } = await ask(ConflictsDocument, { where, first: MOST }, signal);
  return { conflicts: conflicts.edges.map(({ node }) => node), hasMore: conflicts.pageInfo.hasNextPage };
}

/** How many wait to be settled: `3`, or `100+`; undefined where none does. */
export async function countOpenConflicts(ask: Ask, signal?: AbortSignal): Promise<string | undefined> {
  const { edges, pageInfo } = (await ask(OpenConflictsDocument, { first: MOST }, signal)).conflicts;
  return edges.length > 0 ? `${edges.length}${pageInfo.hasNextPage ? '+' : ''}` : undefined;
}

/** Never throws: a person waits for an answer in words. Undefined: it is settled. */
export async function resolveConflict(ask: Ask, id: string, keep: ConflictKeep): Promise<string | undefined> {
  try {
    const { resolveConflict } = await ask(ResolveConflictDocument, { input: { id, keep } });
    return resolveConflict.__typename === 'Rejected' ? resolveConflict.message : undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
