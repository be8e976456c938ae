import type { PlanPath, Source } from './steps.ts';
import type { TypeConditions } from './type-conditions.ts';

/** Response names and list indexes, from the root of the data. */
export type ResponsePath = readonly (string | number)[];

/** A field of subgraph data. A name like `constructor` finds what all objects inherit, which is never data. */
export function dataOf(source: Source, name: string): unknown {
  const value = source[name];
  return typeof value === 'function' ? undefined : value;
}

/**
 * Visits the objects that `path` leads to, in the order of the data. `at` is where the object stands, kept only if
 * one is given, and changed after the visit.
 */
export function walkObjects(
  data: unknown,
  path: PlanPath,
  types: TypeConditions,
  visit: (object: Source, at: ResponsePath) => void,
  at?: (string | number)[],
): void {
  walk(data, path, 0, types, visit, at);
}

const nowhere: ResponsePath = [];

function walk(
  value: unknown,
  path: PlanPath,
  depth: number,
  types: TypeConditions,
  visit: (object: Source, at: ResponsePath) => void,
  at: (string | number)[] | undefined,
): void {
  if (typeof value !== 'object' || value === null) return;
  const segment = path[depth];
  if (Array.isArray(value)) {
    const next = segment?.kind === 'items' ? depth + 1 : depth;
    for (let index = 0; index < value.length; index++) {
      at?.push(index);
      walk(value[index], path, next, types, visit, at);
      at?.pop();
    }
    return;
  }
  const source = value as Source;
  if (!segment) {
    visit(source, at ?? nowhere);
  } else if (segment.kind === 'field') {
    at?.push(segment.name);
    walk(dataOf(source, segment.name), path, depth + 1, types, visit, at);
    at?.pop();
  } else if (segment.kind === 'type' && types.matchesAny(source.__typename, segment.conditions)) {
    walk(source, path, depth + 1, types, visit, at);
  }
}
