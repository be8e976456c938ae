import { type Comparison, compares } from '../twin/comparison.ts';
import type { TwinValue } from '../twin/value.ts';

export type StringFilter = Comparison<string>;
export type ValueFilter = Comparison<TwinValue>;

/** A condition on one label. */
export interface LabelFilter extends StringFilter {
  key: string;
  exists?: boolean | null;
}

/** Conditions on the fields of one kind, joined by and, or, not. */
export type Filter<Conditions extends object> = { [field in keyof Conditions]?: Conditions[field] | null } & {
  and?: readonly Filter<Conditions>[] | null;
  or?: readonly Filter<Conditions>[] | null;
  not?: Filter<Conditions> | null;
};

/** Whether an object meets the filter; `meets` judges one field's condition. */
export function matches<Conditions extends object>(
  filter: Filter<Conditions> | null | undefined,
  meets: <Field extends keyof Conditions>(field: Field, condition: NonNullable<Conditions[Field]>) => boolean,
): boolean {
  if (!filter) return true;
  const { and, or, not, ...fields } = filter;
  if (and && !and.every((part) => matches(part, meets))) return false;
  if (or && !or.some((part) => matches(part, meets))) return false;
  if (not && matches(not, meets)) return false;
  return Object.entries(fields).every(
    ([field, condition]) => condition == null || meets(field as keyof Conditions, condition as never),
  );
}

/** All of the conditions on labels hold. */
export function matchesLabels(
  filters: readonly LabelFilter[],
  labels: Readonly<Record<string, string>> | undefined,
): boolean {
  return filters.every(({ key, exists, ...condition }) => {
    const value = labels && Object.hasOwn(labels, key) ? labels[key] : undefined;
    return (exists == null || exists === (value !== undefined)) && compares(condition, value);
  });
}
