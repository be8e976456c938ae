import type { Source } from './steps.ts';

/**
 * Puts a subgraph's object over what other subgraphs gave for it. Objects and lists are merged, other values replace;
 * a null never replaces a value, so that the order in which parallel answers come does not matter.
 */
export function mergeObject(target: Source, source: Source): void {
  for (const key in source) {
    // No response name is `__proto__` (SourceNames sees to it), so this is a subgraph playing tricks.
    if (key === '__proto__') continue;
    const from = source[key];
    const into = target[key];
    if (isObject(from) && isObject(into)) mergeObjects(into, from);
    else if (from !== null || into === undefined) target[key] = from;
  }
}

function mergeObjects(into: object, from: object): void {
  if (!Array.isArray(into)) mergeObject(into as Source, from as Source);
  else if (Array.isArray(from)) mergeList(into, from);
}

function mergeList(into: unknown[], from: readonly unknown[]): void {
  for (let index = 0; index < into.length; index++) {
    const a = into[index];
    const b = from[index];
    if (isObject(a) && isObject(b)) mergeObjects(a, b);
    else if (a === null && b !== undefined) into[index] = b;
  }
}

/** A copy that shares no object with `value`. */
export function deepCopy<T>(value: T): T;
export function deepCopy(value: unknown): unknown {
  if (!isObject(value)) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => deepCopy(item));
  const copy: Source = {};
  for (const key in value) {
    if (key !== '__proto__') copy[key] = deepCopy((value as Source)[key]);
  }
  return copy;
}

export const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
