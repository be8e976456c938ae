import { dataOf, walkObjects } from './paths.ts';
import { applyRewrites } from './rewrites.ts';
import type { EntityGroup, Requirement, Source } from './steps.ts';
import type { TypeConditions } from './type-conditions.ts';

/** The entities that a group asks for, each once however often it stands in the data. */
export interface Gathered {
  representations: Source[];
  /** Where the answers go: `targets[n]` is described by `representations[indexes[n]]`. */
  targets: Source[];
  indexes: number[];
}

export function gather(group: EntityGroup, data: Source, types: TypeConditions): Gathered {
  const gathered: Gathered = { representations: [], targets: [], indexes: [] };
  const indexByIdentity = new Map<string, number>();
  const add = (entity: Source) => {
    const representation = represent(entity, group, types);
    if (!representation) return;
    const identity = identityOf(representation);
    let index = indexByIdentity.get(identity);
    if (index === undefined) {
      index = gathered.representations.push(representation) - 1;
      indexByIdentity.set(identity, index);
    }
    gathered.targets.push(entity);
    gathered.indexes.push(index);
  };
  for (const path of group.paths) walkObjects(data, path, types, add);
  return gathered;
}

/** The representation of `entity`, or undefined where its type is not asked for or a required field is missing. */
function represent(entity: Source, group: EntityGroup, types: TypeConditions): Source | undefined {
  const representation: Source = {};
  if (!require(entity, group.requirements, representation, types)) return undefined;
  let empty = true;
  for (const _ in representation) {
    empty = false;
    break;
  }
  if (empty) return undefined;
  representation.__typename ??= entity.__typename;
  if (!representation.__typename) return undefined;
  if (group.inputRewrites.length > 0) applyRewrites(representation, group.inputRewrites, types);
  return representation;
}

/** Copies the required fields of `entity` to `into`; false where one of them is missing. */
function require(
  entity: Source,
  requirements: readonly Requirement[],
  into: Source,
  types: TypeConditions,
): boolean {
  for (const requirement of requirements) {
    if (requirement.kind === 'type') {
      if (!types.matches(entity.__typename, requirement.condition)) continue;
      if (!require(entity, requirement.requirements, into, types)) return false;
      continue;
    }
    const { name, as } = requirement;
    let value = dataOf(entity, name);
    if (value === undefined) value = dataOf(entity, as);
    if (value === undefined) {
      if (name === '__typename') continue;
      return false;
    }
    into[as] = requirement.requirements ? requireWithin(value, requirement.requirements, types) : value;
  }
  return true;
}

/** The required part of a nested object or of every item of a list; undefined where it is incomplete. */
function requireWithin(value: unknown, requirements: readonly Requirement[], types: TypeConditions): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => requireWithin(item, requirements, types));
  const into: Source = {};
  return require(value as Source, requirements, into, types) ? into : undefined;
}

/** Equal for equal representations and different for different ones; strings carry their length for that. */
function identityOf(representation: Source): string {
  let identity = '';
  for (const key in representation) {
    const value = representation[key];
    if (typeof value === 'string') identity += `${key}"${value.length}:${value}`;
    else if (typeof value !== 'object') identity += `${key}#${value};`;
    else identity += `${key}${JSON.stringify(value)};`;
  }
  return identity;
}
