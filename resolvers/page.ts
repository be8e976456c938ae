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

/** What a page is ordered by, before the key that tells equals apart. */
export interface Order<T> {
  /** Names the order in the cursor: a cursor of another order is no place in this one. */
  name: string;
  descending: boolean;
  valueOf(item: T): string;
}

export const PAGE_LIMIT = 1000;

type Place = [value: string, key: string];
type Placed<T> = { place: Place; node: T };

/**
 * One page of `items`, by `order` and then by their keys. A cursor is a place, so it stays good when others come and go.
 * Time is linear in the items, as long as pages are small.
 * @throws OctographError `BAD_USER_INPUT` for a page size out of 0…1000 or a cursor that is not one of this order
 */
export function paginate<T>(
  items: Iterable<T>,
  keyOf: (item: T) => string,
  { first, after }: PageArgs,
  order?: Order<T>,
): Page<T> {
  const size = first ?? 50;
  if (size < 0 || size > PAGE_LIMIT) {
    throw new OctographError('BAD_USER_INPUT', `first is ${size}: expected 0 to ${PAGE_LIMIT}`);
  }
  const orderName = order ? `${order.name}${order.descending ? ' desc' : ''}` : '';
  const start = after == null ? undefined : decodeCursor(after, orderName);
  const isBefore = (a: Place, b: Place) =>
    a[0] === b[0] ? a[1] < b[1] : order?.descending ? a[0] > b[0] : a[0] < b[0];
  const smallest: Placed<T>[] = [];
  let totalCount = 0;
  for (const node of items) {
    totalCount++;
    const place: Place = [order?.valueOf(node) ?? '', keyOf(node)];
    if (start === undefined || isBefore(start, place))
      keepSmallest(smallest, { place, node }, size + 1, isBefore);
  }
  const edges = smallest
    .slice(0, size)
    .map(({ place, node }) => ({ cursor: encodeCursor(orderName, place), node }));
  return {
    edges,
    pageInfo: { hasNextPage: smallest.length > size, endCursor: edges.at(-1)?.cursor ?? null },
    totalCount,
  };
}

/** Inserts into a sorted list that never holds more than `limit`; most items of a long list are turned away at its end. */
function keepSmallest<T>(
  sorted: Placed<T>[],
  item: Placed<T>,
  limit: number,
  isBefore: (a: Place, b: Place) => boolean,
): void {
  const last = sorted.at(-1);
  if (sorted.length >= limit && last && !isBefore(item.place, last.place)) return;
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore((sorted[middle] as Placed<T>).place, item.place)) low = middle + 1;
    else high = middle;
  }
  sorted.splice(low, 0, item);
  if (sorted.length > limit) sorted.pop();
}

const encodeCursor = (order: string, place: Place): string =>
  Buffer.from(JSON.stringify([order, ...place])).toString('base64url');

function decodeCursor(cursor: string, order: string): Place {
  const [cursorOrder, value, key] = parseCursor(cursor);
  if (typeof value !== 'string' || typeof key !== 'string') {
    throw new OctographError(
      'BAD_USER_INPUT',
      `after is ${JSON.stringify(cursor)}: expected a cursor of this connection`,
    );
  }
  if (cursorOrder !== order) {
    throw new OctographError(
      'BAD_USER_INPUT',
      `after is a cursor of the order "${cursorOrder || 'default'}": expected one of "${order || 'default'}"`,
    );
  }
  return [value, key];
}

function parseCursor(cursor: string): unknown[] {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(parsed) ? parsed : [];
  } catch {
    return []; // Not ours: the caller says so.
  }
}
