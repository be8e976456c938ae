import type { Rewrite, Source } from './steps.ts';
import type { TypeConditions } from './type-conditions.ts';

/** Applies the planner's rewrites in place; lists on the way are walked item by item. */
export function applyRewrites(value: unknown, rewrites: readonly Rewrite[], types: TypeConditions): void {
  for (const rewrite of rewrites) applyRewrite(value, rewrite, 0, types);
}

function applyRewrite(value: unknown, rewrite: Rewrite, depth: number, types: TypeConditions): void {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) applyRewrite(item, rewrite, depth, types);
    return;
  }
  const source = value as Source;
  const segment = rewrite.path[depth];
  if (!segment) {
    change(source, rewrite);
  } else if (segment.kind === 'key') {
    applyRewrite(source[segment.key], rewrite, depth + 1, types);
  } else if (!source.__typename || types.matchesAny(source.__typename, segment.conditions)) {
    applyRewrite(source, rewrite, depth + 1, types);
  }
}

function change(source: Source, { key, effect }: Rewrite): void {
  if (effect.kind === 'set') {
    source[key] = effect.value;
  } else if (key in source) {
    source[effect.to] = source[key];
    delete source[key];
  }
}
