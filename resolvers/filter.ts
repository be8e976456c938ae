/** A condition on one text field; all that are given must hold. */
export interface StringFilter {
  eq?: string | null;
  ne?: string | null;
  in?: readonly string[] | null;
  /** `%` stands for any text, `_` for one character. */
  like?: string | null;
}

/** Conditions on the fields of one kind, joined by and, or, not. */
export type Filter<Fields extends string> = { [field in Fields]?: StringFilter | null } & {
  and?: readonly Filter<Fields>[] | null;
  or?: readonly Filter<Fields>[] | null;
  not?: Filter<Fields> | null;
};

/** Whether an object, seen through `fieldOf`, meets the filter. An absent field equals nothing. */
export function matches<Fields extends string>(
  filter: Filter<Fields> | null | undefined,
  fieldOf: (field: Fields) => string | null | undefined,
): boolean {
  if (!filter) return true;
  const { and, or, not, ...fields } = filter;
  if (and && !and.every((part) => matches(part, fieldOf))) return false;
  if (or && !or.some((part) => matches(part, fieldOf))) return false;
  if (not && matches(not, fieldOf)) return false;
  return Object.entries(fields).every(
    ([field, condition]) =>
      !condition || matchesText(condition as StringFilter, fieldOf(field as Fields) ?? undefined),
  );
}

function matchesText(filter: StringFilter, value: string | undefined): boolean {
  if (filter.eq != null && value !== filter.eq) return false;
  if (filter.ne != null && value === filter.ne) return false;
  if (filter.in && (value === undefined || !filter.in.includes(value))) return false;
  if (filter.like != null && (value === undefined || !like(filter.like, value))) return false;
  return true;
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
