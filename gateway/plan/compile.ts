import type {
  BatchFetchNode,
  FetchNode,
  FetchRewrite,
  FlattenNodePathSegment,
  PlanNode,
  QueryPlan,
  RequiresSelection,
} from '@graphql-hive/router-query-planner';
import type { DocumentNode, FragmentDefinitionNode, SelectionSetNode } from 'graphql';
import { Kind, parse } from 'graphql';
import type {
  CompiledPlan,
  EntityGroup,
  FetchedNames,
  FetchTemplate,
  PlanPath,
  PlanPathSegment,
  Requirement,
  Rewrite,
  RootFetch,
  Step,
} from './steps.ts';

/** Turns a planner's plan into steps: documents parsed, paths folded into fetches, rewrites in one form. */
export function compilePlan({ node }: QueryPlan): CompiledPlan {
  if (!node) return { subscription: undefined, step: undefined };
  const [first, ...rest] = node.kind === 'Sequence' ? node.nodes : [node];
  if (first?.kind !== 'Subscription') return { subscription: undefined, step: compileNode(node, []) };
  return {
    subscription: rootFetch(first.primary, []),
    step: rest.length === 0 ? undefined : compileNode({ kind: 'Sequence', nodes: rest }, []),
  };
}

/** `path` is that of the `Flatten` nodes around the node. */
function compileNode(node: PlanNode, path: PlanPath): Step {
  switch (node.kind) {
    case 'Sequence':
      return { kind: 'sequence', steps: node.nodes.map((each) => compileNode(each, path)) };
    case 'Parallel':
      return { kind: 'parallel', steps: node.nodes.map((each) => compileNode(each, path)) };
    case 'Flatten':
      return compileNode(node.node, [...path, ...node.path.map(pathSegment)]);
    case 'Fetch':
      return node.requires ? entityFetch(node, node.requires, path) : rootFetch(node, path);
    case 'BatchFetch':
      return batchFetch(node, path);
    default:
      throw new Error(`the query plan has a ${node.kind} node, which this runtime does not execute`);
  }
}

function rootFetch(node: FetchNode, path: PlanPath): RootFetch {
  const template = fetchTemplate(node, node.outputRewrites);
  const names = fetchedNames(template.document, undefined).flatMap((each) => each.names);
  return { kind: 'root-fetch', template, path, names };
}

function entityFetch(node: FetchNode, requires: RequiresSelection[], path: PlanPath): Step {
  const template = fetchTemplate(node, node.outputRewrites);
  const group: EntityGroup = {
    alias: '_entities',
    variable: 'representations',
    paths: [path],
    requirements: requires.map(requirement),
    inputRewrites: (node.inputRewrites ?? []).map(rewrite),
    outputRewrites: [],
    names: fetchedNames(template.document, '_entities'),
  };
  return { kind: 'entity-fetch', template, groups: [group] };
}

function batchFetch(node: BatchFetchNode, path: PlanPath): Step {
  const template = fetchTemplate(node, []);
  const groups = node.entityBatch.aliases.map(
    (each): EntityGroup => ({
      alias: each.alias,
      variable: each.representationsVariableName,
      paths: each.paths.map((own) => [...path, ...own.map(pathSegment)]),
      requirements: each.requires.map(requirement),
      inputRewrites: (each.inputRewrites ?? []).map(rewrite),
      outputRewrites: (each.outputRewrites ?? []).map(rewrite),
      names: fetchedNames(template.document, each.alias),
    }),
  );
  return { kind: 'entity-fetch', template, groups };
}

function fetchTemplate(node: FetchNode | BatchFetchNode, rewrites: FetchRewrite[] = []): FetchTemplate {
  return {
    service: node.serviceName,
    document: parse(node.operation, { noLocation: true }),
    query: node.operation,
    operationType: node.operationKind ?? 'query',
    operationName: node.operationName,
    variableNames: node.variableUsages ?? [],
    rewrites: rewrites.map(rewrite),
  };
}

function pathSegment(segment: FlattenNodePathSegment): PlanPathSegment {
  if (segment === '@') return { kind: 'items' };
  if ('Field' in segment) return { kind: 'field', name: segment.Field };
  return { kind: 'type', conditions: segment.TypeCondition };
}

function requirement(selection: RequiresSelection): Requirement {
  switch (selection.kind) {
    case 'Field':
      return {
        kind: 'field',
        name: selection.name,
        as: selection.alias ?? selection.name,
        requirements: selection.selections?.map(requirement),
      };
    case 'InlineFragment':
      return {
        kind: 'type',
        condition: selection.typeCondition,
        requirements: selection.selections.map(requirement),
      };
    default:
      throw new Error(`the query plan requires a ${selection.kind}, which this runtime does not execute`);
  }
}

function rewrite(planned: FetchRewrite): Rewrite {
  const { path, effect } = rewriteParts(planned);
  const segments = path.map((segment) =>
    'Key' in segment
      ? ({ kind: 'key', key: segment.Key } as const)
      : ({ kind: 'type', conditions: ([] as string[]).concat(segment.TypenameEquals) } as const),
  );
  const last = segments.pop();
  if (last?.kind !== 'key')
    throw new Error(`the query plan has a rewrite without a key: ${JSON.stringify(planned)}`);
  return { path: segments, key: last.key, effect };
}

function rewriteParts(planned: FetchRewrite) {
  if ('KeyRenamer' in planned) {
    const { path, renameKeyTo } = planned.KeyRenamer;
    return { path, effect: { kind: 'rename', to: renameKeyTo } as const };
  }
  const { path, setValueTo } = 'ValueSetter' in planned ? planned.ValueSetter : planned;
  return { path, effect: { kind: 'set', value: setValueTo } as const };
}

/** What a fetch selects at the root, or (with an alias) of the entities under that alias. */
function fetchedNames(document: DocumentNode, alias: string | undefined): FetchedNames[] {
  const fragments = new Map<string, FragmentDefinitionNode>();
  let root: SelectionSetNode | undefined;
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
    else if (definition.kind === Kind.OPERATION_DEFINITION) root = definition.selectionSet;
  }
  const entities = root?.selections.find(
    (each) => each.kind === Kind.FIELD && (each.alias ?? each.name).value === alias,
  );
  const selectionSet = alias === undefined ? root : entities?.kind === Kind.FIELD && entities.selectionSet;
  const groups: FetchedNames[] = [];
  if (selectionSet) collectNames(selectionSet, undefined, fragments, groups);
  return groups;
}

function collectNames(
  { selections }: SelectionSetNode,
  condition: string | undefined,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  into: FetchedNames[],
): void {
  const names: string[] = [];
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) {
      if (selection.name.value !== '__typename') names.push((selection.alias ?? selection.name).value);
      continue;
    }
    const fragment =
      selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
    if (fragment) {
      collectNames(fragment.selectionSet, fragment.typeCondition?.name.value ?? condition, fragments, into);
    }
  }
  if (names.length > 0) into.push({ condition, names });
}
