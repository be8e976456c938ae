import { OctographError } from '../lib/errors.ts';

export interface PageArgs {
  first?: number | null;
  after?: string | null;
}

export interface Page<T> {
  edges: Array<{ cursor: string; node: T }>;
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
  totalCount: number;
}

export const PAGE_LIMIT = 1000;

/**
 * One page of `items` in the order of their keys. A cursor is a key, so it stays good when others come and go.
 * @throws OctographError `BAD_USER_INPUT` for a page size out of 0…1000 or a cursor that we did not make.
 */
export function paginate<T>(
  items: Iterable<T>,
  keyOf: (item: T) => string,
  { first, after }: PageArgs,
): Page<T> {
  const size = first ?? 50;
  if (size < 0 || size > PAGE_LIMIT) {
    throw new OctographError('BAD_USER_INPUT', `first is ${size}: expected 0 to ${PAGE_LIMIT}`);
  }
  const start = after == null ? undefined : decodeCursor(after);
  const keyed = Array.from(items, (node) => ({ key: keyOf(node), node })).sort(byKey);
  const rest = start === undefined ? keyed : keyed.filter(({ key }) => key > start);
  const edges = rest.slice(0, size).map(({ key, node }) => ({ cursor: encodeCursor(key), node }));
  return {
    edges,
    pageInfo: { hasNextPage: rest.length > edges.length, endCursor: edges.at(-1)?.cursor ?? null },
    totalCount: keyed.length,
  };
}

const byKey = (a: { key: string }, b: { key: string }) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);

const PREFIX = 'k:';

const encodeCursor = (key: string) => Buffer.from(PREFIX + key).toString('base64url');

function decodeCursor(cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString();
  if (!text.startsWith(PREFIX)) {
    throw new OctographError(
      'BAD_USER_INPUT',
      `after is ${JSON.stringify(cursor)}: expected a cursor of this connection`,
    );
  }
  return text.slice(PREFIX.length);
}
