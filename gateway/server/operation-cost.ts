import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

export interface CostRules {
  /** By `Type.field`: what one value of it costs. Default: 1 for objects, 0 for leaves, 10 for a mutation. */
  weights?: Readonly<Record<string, number>>;
  /** Items that a list is taken to have where no argument says. */
  listSize: number;
}

type Variables = Readonly<Record<string, unknown>> | null | undefined;

/** Arguments that say how long a list will be at most: of the field itself, or of the lists of the connection it gives. */
const sizeArguments = ['first', 'last', 'points'];
const mutationWeight = 10;

/**
 * What an operation may cost at most: the weights of its fields, each as often as the lists around it have items.
 * After IBM's cost specification, static. Introspection costs nothing: the schema bounds it.
 */
export class OperationCosts {
  readonly #schema: GraphQLSchema;
  readonly #rules: CostRules;
  /** Of operations whose sizes are all in the document. */
  readonly #fixed = new WeakMap<OperationDefinitionNode, number>();

  constructor(schema: GraphQLSchema, rules: CostRules) {
    this.#schema = schema;
    this.#rules = rules;
  }

  /** @param document valid */
  costOf(document: DocumentNode, operation: OperationDefinitionNode, variables: Variables): number {
    const known = this.#fixed.get(operation);
    if (known !== undefined) return known;
    const rootType = this.#schema.getRootType(operation.operation);
    if (!rootType) return 0;
    const meter = new Meter(this.#schema, this.#rules, document, operation, variables);
    const cost = meter.costOfSet(operation.selectionSet, rootType, undefined);
    if (!meter.usedVariables) this.#fixed.set(operation, cost);
    return cost;
  }
}

class Meter {
  usedVariables = false;
  readonly #schema: GraphQLSchema;
  readonly #rules: CostRules;
  readonly #operation: OperationDefinitionNode;
  readonly #variables: Variables;
  readonly #fragments = new Map<string, FragmentDefinitionNode>();

  constructor(
    schema: GraphQLSchema,
    rules: CostRules,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Variables,
  ) {
    this.#schema = schema;
    this.#rules = rules;
    this.#operation = operation;
    this.#variables = variables;
    for (const definition of document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION)
        this.#fragments.set(definition.name.value, definition);
    }
  }

  /** @param size of the lists right in this set, where the field around it said so */
  costOfSet(set: SelectionSetNode, type: GraphQLNamedType, size: number | undefined): number {
    let cost = 0;
    for (const selection of set.selections) {
      switch (selection.kind) {
        case Kind.FIELD:
          cost += this.#costOfField(selection, type, size);
          break;
        case Kind.INLINE_FRAGMENT: {
          const on = selection.typeCondition && this.#schema.getType(selection.typeCondition.name.value);
          cost += this.costOfSet(selection.selectionSet, on ?? type, size);
          break;
        }
        case Kind.FRAGMENT_SPREAD: {
          const fragment = this.#fragments.get(selection.name.value);
          const on = fragment && this.#schema.getType(fragment.typeCondition.name.value);
          if (fragment) cost += this.costOfSet(fragment.selectionSet, on ?? type, size);
        }
      }
    }
    return cost;
  }

  #costOfField(node: FieldNode, parent: GraphQLNamedType, around: number | undefined): number {
    if (!isObjectType(parent) && !isInterfaceType(parent)) return 0;
    const field = parent.getFields()[node.name.value];
    if (!field) return 0;
    const type = getNamedType(field.type);
    const own = this.#sizeOf(node, field);
    const isList = isListType(isNonNullType(field.type) ? field.type.ofType : field.type);
    const items = isList ? (own ?? around ?? this.#rules.listSize) : 1;
    const below = node.selectionSet ? this.costOfSet(node.selectionSet, type, isList ? undefined : own) : 0;
    return items * (this.#weightOf(parent.name, field, type) + below);
  }

  #weightOf(parent: string, { name }: GraphQLField<unknown, unknown>, type: GraphQLNamedType): number {
    const weight = this.#rules.weights?.[`${parent}.${name}`];
    if (weight !== undefined) return weight;
    if (parent === this.#schema.getMutationType()?.name) return mutationWeight;
    return isCompositeType(type) ? 1 : 0;
  }

  #sizeOf(node: FieldNode, field: GraphQLField<unknown, unknown>): number | undefined {
    const argument = field.args.find(({ name }) => sizeArguments.includes(name));
    if (!argument) return undefined;
    const given = node.arguments?.find(({ name }) => name.value === argument.name)?.value;
    let size: unknown = argument.defaultValue;
    if (given?.kind === Kind.INT) size = Number(given.value);
    else if (given?.kind === Kind.VARIABLE) size = this.#variable(given.name.value) ?? argument.defaultValue;
    return typeof size === 'number' ? Math.max(0, size) : undefined;
  }

  #variable(name: string): unknown {
    this.usedVariables = true;
    const given = this.#variables?.[name];
    if (given !== undefined) return given;
    const definition = this.#operation.variableDefinitions?.find(
      ({ variable }) => variable.name.value === name,
    );
    const fallback = definition?.defaultValue;
    return fallback?.kind === Kind.INT ? Number(fallback.value) : undefined;
  }
}
