import type { ResourceDefinition } from '../resources.ts';
import type { CustomNames, CustomResourceDefinition } from './types.ts';

/** Which of the names that a CRD asks for another kind of its group has already. */
export interface NameConflict {
  reason: 'PluralConflict' | 'SingularConflict' | 'ShortNamesConflict' | 'KindConflict' | 'ListKindConflict';
  message: string;
}

/** The first conflict of `crd` with the kinds of its group that are served by something else. */
export function findNameConflict(
  { spec }: CustomResourceDefinition,
  others: readonly ResourceDefinition[],
): NameConflict | undefined {
  const resourceNames = new Set(others.flatMap((one) => [one.plural, one.singular, ...one.shortNames]));
  const kinds = new Set(others.flatMap((one) => [one.kind, one.listKind]));
  const { plural, singular, shortNames, kind, listKind } = namesWithDefaults(spec.names);
  const taken = (reason: NameConflict['reason'], name: string): NameConflict => ({
    reason,
    message: `${JSON.stringify(name)} is already in use`,
  });
  if (resourceNames.has(plural)) return taken('PluralConflict', plural);
  if (resourceNames.has(singular)) return taken('SingularConflict', singular);
  const short = shortNames.find((name) => resourceNames.has(name));
  if (short) return taken('ShortNamesConflict', short);
  if (kinds.has(kind)) return taken('KindConflict', kind);
  if (kinds.has(listKind)) return taken('ListKindConflict', listKind);
  return undefined;
}

export function namesWithDefaults(names: CustomNames): Required<CustomNames> {
  return {
    singular: names.kind?.toLowerCase(),
    listKind: `${names.kind}List`,
    shortNames: [],
    categories: [],
    ...names,
  };
}
