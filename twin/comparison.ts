import type { TwinValue } from './value.ts';

/** A condition on one value; all that are given must hold. An absent value meets `ne` alone. */
export interface Comparison<T> {
  eq?: T | null;
  ne?: T | null;
  in?: readonly T[] | null;
  lt?: T | null;
  lte?: T | null;
  gt?: T | null;
  gte?: T | null;
  /** Of texts: `%` stands for any text, `_` for one character. */
  like?: string | null;
}

/** Values of one type compare by it; of two types none is before the other. */
export function compares<T extends TwinValue>(filter: Comparison<T>, value: T | null | undefined): boolean {
  if (filter.eq != null && value !== filter.eq) return false;
  if (filter.ne != null && value === filter.ne) return false;
  if (filter.in && (value == null || !filter.in.includes(value))) return false;
  if (filter.like != null && (typeof value !== 'string' || !like(filter.like, value))) return false;
  return (
    ordered(value, filter.lt, (a, b) => a < b) &&
    ordered(value, filter.lte, (a, b) => a <= b) &&
    ordered(value, filter.gt, (a, b) => a > b) &&
    ordered(value, filter.gte, (a, b) => a >= b)
  );
}

function ordered(
  value: TwinValue | undefined,
  bound: TwinValue | undefined,
  holds: (a: number | string | boolean, b: number | string | boolean) => boolean,
): boolean {
  if (bound == null) return true;
  return value != null && typeof value === typeof bound && holds(value, bound);
}

/** Two pointers instead of a regular expression: a hostile pattern costs at most pattern × value steps. */
export function like(pattern: string, value: string): boolean {
  let p = 0;
  let v = 0;
  let star = -1;
  let retry = 0;
  while (v < value.length) {
    if (pattern[p] === '%') {
      star = p++;
      retry = v;
    } else if (p < pattern.length && (pattern[p] === '_' || pattern[p] === value[v])) {
      p++;
      v++;
    } else if (star >= 0) {
      p = star + 1;
      v = ++retry;
    } else {
      return false;
    }
  }
  while (pattern[p] === '%') p++;
  return p === pattern.length;
}
