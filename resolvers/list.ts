import { parseLabelSelector } from '../lib/label-selector.ts';
import type { ObjectMeta } from '../twin/device-object.ts';
import { type Order, type Page, type PageArgs, paginate } from './page.ts';

export interface ListArgs<Field extends string> extends PageArgs {
  labelSelector?: string | null;
  orderBy?: { field: Field; direction?: 'ASC' | 'DESC' | null } | null;
}

export interface Listing<T, Field extends string> {
  metadataOf(item: T): ObjectMeta | undefined;
  keyOf(item: T): string;
  /** The text that each field is ordered by. */
  orderValueOf(item: T, field: Field): string;
}

/**
 * A connection over objects: selected by kubectl's label selector, ordered, one page.
 * @throws OctographError `LABEL_SELECTOR`, `BAD_USER_INPUT`
 */
export function list<T, Field extends string>(
  items: Iterable<T>,
  args: ListArgs<Field>,
  { metadataOf, keyOf, orderValueOf }: Listing<T, Field>,
): Page<T> {
  const order: Order<T> | undefined = args.orderBy
    ? orderOf(args.orderBy.field, args.orderBy.direction === 'DESC', orderValueOf)
    : undefined;
  const selects = args.labelSelector ? parseLabelSelector(args.labelSelector) : undefined;
  const selected = selects ? Array.from(items).filter((item) => selects(metadataOf(item)?.labels)) : items;
  return paginate(selected, keyOf, args, order);
}

function orderOf<T, Field extends string>(
  field: Field,
  descending: boolean,
  orderValueOf: (item: T, field: Field) => string,
): Order<T> {
  return { name: field, descending, valueOf: (item) => orderValueOf(item, field) };
}
