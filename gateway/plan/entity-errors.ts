import type { SourceError } from './errors.ts';
import type { ResponsePath } from './paths.ts';
import { walkObjects } from './paths.ts';
import type { Gathered } from './representations.ts';
import type { EntityFetch, EntityGroup, PlanPath, Rewrite, Source } from './steps.ts';
import type { Answer, AnswerError } from './subgraph-call.ts';
import type { TypeConditions } from './type-conditions.ts';

/** An error of an entity belongs to every place of that entity; and to all fields asked of it, if it names none. */
export function entityErrors(
  { template, groups }: EntityFetch,
  gathered: readonly Gathered[],
  { errors, failure }: Answer,
  data: Source,
  types: TypeConditions,
): SourceError[] {
  const found: SourceError[] = [];
  const aliases = new Set(groups.map(({ alias }) => alias));
  for (const error of errors) {
    if (!aliases.has(error.path?.[0] as string)) found.push({ error, at: undefined });
  }
  for (const [number, group] of groups.entries()) {
    const rewrites = group.outputRewrites.length > 0 ? group.outputRewrites : template.rewrites;
    const byEntity = errorsByEntity(errors, group.alias);
    if (!failure && byEntity.size === 0) continue;
    const { targets, indexes } = gathered[number]!;
    const places = placesOf(group.paths, data, types);
    const indexByTarget = new Map(targets.map((target, position) => [target, indexes[position]]));
    for (const [target, index] of indexByTarget) {
      const names = namesOf(group, target, types);
      for (const at of places.get(target) ?? []) {
        if (failure) found.push({ error: failure, at, names });
        for (const error of [...(byEntity.get(index) ?? []), ...(byEntity.get(undefined) ?? [])]) {
          const rest = error.path?.slice(2) ?? [];
          if (rest.length === 0) found.push({ error, at, names });
          else found.push({ error, at: [...at, ...withoutAliases(rest, rewrites)] });
        }
      }
    }
  }
  return found;
}

/** Under `undefined` those of the whole `_entities` field. */
function errorsByEntity(errors: readonly AnswerError[], alias: string): Map<unknown, AnswerError[]> {
  const byEntity = new Map<unknown, AnswerError[]>();
  for (const error of errors) {
    if (error.path?.[0] !== alias) continue;
    const known = byEntity.get(error.path[1]);
    if (known) known.push(error);
    else byEntity.set(error.path[1], [error]);
  }
  return byEntity;
}

function namesOf({ names }: EntityGroup, target: Source, types: TypeConditions): string[] {
  return names
    .filter(({ condition }) => condition === undefined || types.matches(target.__typename, condition))
    .flatMap((each) => each.names);
}

/** Where the objects at `paths` stand. Found only when an error needs it: keeping it would cost every request. */
export function placesOf(
  paths: readonly PlanPath[],
  data: Source,
  types: TypeConditions,
): Map<Source, ResponsePath[]> {
  const places = new Map<Source, ResponsePath[]>();
  const visit = (object: Source, at: ResponsePath) => {
    const known = places.get(object);
    if (known) known.push([...at]);
    else places.set(object, [[...at]]);
  };
  for (const path of paths) walkObjects(data, path, types, visit, []);
  return places;
}

/** The planner's aliases in a subgraph's error path, as the rewrites renamed them in the data. */
export function withoutAliases(path: ResponsePath, rewrites: readonly Rewrite[]): ResponsePath {
  return path.map((segment) => {
    for (const { key, effect } of rewrites) if (key === segment && effect.kind === 'rename') return effect.to;
    return segment;
  });
}
