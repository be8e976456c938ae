import type { DocumentNode, FieldNode, SelectionNode, SelectionSetNode } from 'graphql';
import { Kind, print, visit } from 'graphql';
import type { ClientOperation } from './client-operation.ts';
import type { Conditions } from './conditions.ts';
import { decidesInclusion, isIncluded } from './conditions.ts';
import type { SourceNames } from './source-names.ts';

/** The client's operation in the form that the planner gets. */
export interface PlannerDocument {
  text: string;
  /** Client variable → its name in `text`, for those that had to be renamed. */
  renamedVariables: ReadonlyMap<string, string>;
  /** False where the gateway answers alone: only `__typename`, `__schema` and `__type` are selected. */
  needsPlan: boolean;
}

/**
 * What the planner need not know is decided here: `@skip` and `@include`, introspection, the client's response names
 * where they are ambiguous, and variables that are called like the planner's own.
 */
export function plannerDocument(
  { operation, fragments }: ClientOperation,
  sourceNames: SourceNames,
  conditions: Conditions,
): PlannerDocument {
  const renamedVariables = new Map<string, string>();
  for (const { variable } of operation.variableDefinitions ?? []) {
    const name = variable.name.value;
    if (name === 'representations' || name.startsWith('__')) renamedVariables.set(name, `_variable_${name}`);
  }
  const original: DocumentNode = { kind: Kind.DOCUMENT, definitions: [operation, ...fragments.values()] };
  const document = visit(original, {
    SelectionSet: {
      enter: (selectionSet) => ({
        ...selectionSet,
        selections: selectionSet.selections.filter(
          (selection) => isIncluded(selection.directives, conditions) && !isIntrospection(selection),
        ),
      }),
      leave: (selectionSet) =>
        selectionSet.selections.length > 0 ? undefined : { ...selectionSet, selections: [typename] },
    },
    Directive: (directive) => (decidesInclusion(directive) ? null : undefined),
    Field: (field) => withAlias(field, sourceNames),
    Variable(variable) {
      const renamed = renamedVariables.get(variable.name.value);
      return renamed ? { ...variable, name: { kind: Kind.NAME, value: renamed } } : undefined;
    },
  });
  return { text: print(document), renamedVariables, needsPlan: selectsData(document) };
}

const typename: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };

const isIntrospection = (selection: SelectionNode): boolean =>
  selection.kind === Kind.FIELD && (selection.name.value === '__schema' || selection.name.value === '__type');

function withAlias(field: FieldNode, sourceNames: SourceNames): FieldNode {
  const name = field.name.value;
  const source = name === '__typename' ? name : sourceNames.of(field);
  // Not even `name: name`: the planner takes it for something else than `name`, and cannot merge the two.
  return { ...field, alias: source === name ? undefined : { kind: Kind.NAME, value: source } };
}

/** Whether the root selects any field that a subgraph must answer. */
function selectsData({ definitions }: DocumentNode): boolean {
  const pending: SelectionSetNode[] = [];
  const fragments = new Map<string, SelectionSetNode>();
  for (const definition of definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) pending.push(definition.selectionSet);
    if (definition.kind === Kind.FRAGMENT_DEFINITION) {
      fragments.set(definition.name.value, definition.selectionSet);
    }
  }
  for (let selectionSet = pending.pop(); selectionSet; selectionSet = pending.pop()) {
    for (const selection of selectionSet.selections) {
      if (selection.kind === Kind.FIELD) {
        if (selection.name.value !== '__typename') return true;
        continue;
      }
      const isSpread = selection.kind === Kind.FRAGMENT_SPREAD;
      const nested = isSpread ? fragments.get(selection.name.value) : selection.selectionSet;
      // Once is enough for each.
      if (isSpread) fragments.delete(selection.name.value);
      if (nested) pending.push(nested);
    }
  }
  return false;
}
