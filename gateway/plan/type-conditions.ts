import type { DocumentNode } from 'graphql';
import { Kind } from 'graphql';

/** Which types fulfil a type condition, over the whole supergraph: inaccessible types count too. */
export class TypeConditions {
  readonly #subtypes = new Map<string, Set<string>>();

  constructor(document: DocumentNode) {
    for (const definition of document.definitions) {
      if (definition.kind === Kind.UNION_TYPE_DEFINITION) {
        for (const member of definition.types ?? []) this.#add(definition.name.value, member.name.value);
      } else if (
        definition.kind === Kind.OBJECT_TYPE_DEFINITION ||
        definition.kind === Kind.INTERFACE_TYPE_DEFINITION
      ) {
        for (const each of definition.interfaces ?? []) this.#add(each.name.value, definition.name.value);
      }
    }
  }

  /** Whether an object of type `typeName` is selected by `... on condition`. */
  matches(typeName: unknown, condition: string): boolean {
    return typeName === condition || (this.#subtypes.get(condition)?.has(typeName as string) ?? false);
  }

  matchesAny(typeName: unknown, conditions: readonly string[]): boolean {
    for (const condition of conditions) if (this.matches(typeName, condition)) return true;
    return false;
  }

  #add(abstractType: string, subtype: string): void {
    const subtypes = this.#subtypes.get(abstractType);
    if (subtypes) subtypes.add(subtype);
    else this.#subtypes.set(abstractType, new Set([subtype]));
  }
}
