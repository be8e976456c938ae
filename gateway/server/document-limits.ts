import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { countFieldPairs } from './field-pairs.ts';
import type { Limits } from './limits.ts';

/** The size of a selection set with its fragments expanded. Numbers only grow: a fan-out bomb ends at Infinity. */
interface Size {
  depth: number;
  /** Fields at the set's own level. */
  width: number;
  fields: number;
  aliases: number;
  directives: number;
}

/**
 * Refuses documents that are over a limit, before validation spends time on them.
 * Linear in the document: each fragment is measured once. Fragments that are missing or spread themselves count as
 * empty here; validation refuses them.
 */
export function documentLimitErrors(document: DocumentNode, limits: Limits): GraphQLError[] {
  const fragments = fragmentsOf(document);
  const sizeOfSelections = createMeter(fragments);
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    const size = sizeOfSelections(definition.selectionSet);
    const error =
      exceeded('LIMIT_DEPTH', 'levels of fields', size.depth, limits.depth) ??
      exceeded('LIMIT_FIELDS', 'fields', size.fields, limits.fields) ??
      exceeded('LIMIT_ROOT_FIELDS', 'fields at the root', size.width, limits.rootFields) ??
      exceeded('LIMIT_ALIASES', 'aliases', size.aliases, limits.aliases) ??
      exceeded(
        'LIMIT_DIRECTIVES',
        'directives',
        size.directives + (definition.directives?.length ?? 0),
        limits.directives,
      );
    if (error) return [error];
    const pairs = countFieldPairs(definition.selectionSet, fragments, limits.fieldPairs);
    if (pairs > limits.fieldPairs) {
      const message = `The operation repeats fields: more than ${limits.fieldPairs} pairs answer under one path.`;
      return [limitError('LIMIT_FIELD_PAIRS', message)];
    }
  }
  return [];
}

/** Fields of an operation at its root, aliases and repetitions counted. */
export function rootFieldsOf(document: DocumentNode, operation: OperationDefinitionNode): number {
  const known = rootFieldCounts.get(operation);
  if (known !== undefined) return known;
  const { width } = createMeter(fragmentsOf(document))(operation.selectionSet);
  rootFieldCounts.set(operation, width);
  return width;
}

const rootFieldCounts = new WeakMap<OperationDefinitionNode, number>();

export function limitError(code: string, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code } });
}

function fragmentsOf({ definitions }: DocumentNode): Map<string, FragmentDefinitionNode> {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  return fragments;
}

function exceeded(code: string, what: string, actual: number, limit: number): GraphQLError | undefined {
  if (actual <= limit) return undefined;
  return limitError(
    code,
    `The operation has ${actual} ${what} with its fragments expanded; ${limit} are allowed.`,
  );
}

function createMeter(fragments: Map<string, FragmentDefinitionNode>): (set: SelectionSetNode) => Size {
  const known = new Map<string, Size>();

  const sizeOfFragment = (name: string): Size => {
    const measured = known.get(name);
    if (measured) return measured;
    // Entered before it is measured: a fragment that spreads itself finds this and ends.
    known.set(name, emptySize());
    const fragment = fragments.get(name);
    if (!fragment) return emptySize();
    const size = sizeOfSelections(fragment.selectionSet);
    size.directives += fragment.directives?.length ?? 0;
    known.set(name, size);
    return size;
  };

  const sizeOfSelections = (set: SelectionSetNode): Size => {
    const size = emptySize();
    for (const selection of set.selections) {
      size.directives += selection.directives?.length ?? 0;
      switch (selection.kind) {
        case Kind.FIELD: {
          const inner = selection.selectionSet ? sizeOfSelections(selection.selectionSet) : emptySize();
          size.width += 1;
          size.fields += 1;
          if (selection.alias) size.aliases += 1;
          add(size, inner, 1);
          break;
        }
        case Kind.INLINE_FRAGMENT:
        case Kind.FRAGMENT_SPREAD: {
          const inner =
            selection.kind === Kind.INLINE_FRAGMENT
              ? sizeOfSelections(selection.selectionSet)
              : sizeOfFragment(selection.name.value);
          size.width += inner.width;
          add(size, inner, 0);
          break;
        }
      }
    }
    return size;
  };
  return sizeOfSelections;
}

const emptySize = (): Size => ({ depth: 0, width: 0, fields: 0, aliases: 0, directives: 0 });

function add(size: Size, inner: Size, levels: number): void {
  size.depth = Math.max(size.depth, inner.depth + levels);
  size.fields += inner.fields;
  size.aliases += inner.aliases;
  size.directives += inner.directives;
}
