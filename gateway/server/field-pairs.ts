import { type FragmentDefinitionNode, Kind, type SelectionSetNode } from 'graphql';

/** The fields of one response path: how many there are, and the paths below it. */
interface Place {
  fields: number;
  below: Map<string, Place>;
}

/**
 * Pairs of fields that answer under the same path, fragments expanded. Validation compares each such pair, so a field that
 * is repeated three hundred times costs forty-five thousand comparisons. Stops counting beyond `limit`.
 *
 * Linear in the expanded fields: call it for operations whose number of fields is bounded.
 */
export function countFieldPairs(
  set: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  limit: number,
): number {
  let pairs = 0;
  const spread = new Set<string>();

  const collect = (selections: SelectionSetNode, into: Map<string, Place>): void => {
    for (const selection of selections.selections) {
      if (pairs > limit) return;
      switch (selection.kind) {
        case Kind.FIELD: {
          const place = placeOf(into, selection.alias?.value ?? selection.name.value);
          pairs += place.fields++;
          if (selection.selectionSet) collect(selection.selectionSet, place.below);
          break;
        }
        case Kind.INLINE_FRAGMENT:
          collect(selection.selectionSet, into);
          break;
        case Kind.FRAGMENT_SPREAD: {
          const name = selection.name.value;
          const fragment = fragments.get(name);
          // One that spreads itself is refused by validation.
          if (!fragment || spread.has(name)) break;
          spread.add(name);
          collect(fragment.selectionSet, into);
          spread.delete(name);
        }
      }
    }
  };
  collect(set, new Map());
  return pairs;
}

function placeOf(places: Map<string, Place>, name: string): Place {
  let place = places.get(name);
  if (!place) {
    place = { fields: 0, below: new Map() };
    places.set(name, place);
  }
  return place;
}
