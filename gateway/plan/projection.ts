import type { FieldNode, GraphQLOutputType, GraphQLSchema, SelectionSetNode } from 'graphql';
import {
  isAbstractType,
  isEnumType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
} from 'graphql';
import type { ClientOperation } from './client-operation.ts';
import type { Conditions } from './conditions.ts';
import { isIncluded } from './conditions.ts';
import type { SourceNames } from './source-names.ts';
import type { TypeConditions } from './type-conditions.ts';

/** What the client selected of an object of one type, in the order of the response. */
export interface ObjectShape {
  readonly typeName: string;
  readonly fields: readonly FieldShape[];
  /** Whether a response name is `__proto__`, which only an object without a prototype holds. */
  readonly bare: boolean;
}

export interface FieldShape {
  /** The name in the response. */
  readonly key: string;
  /** The name in the subgraphs' data. */
  readonly source: string;
  /** `Device.reported`. */
  readonly coordinate: string;
  readonly nodes: readonly FieldNode[];
  readonly value: ValueShape;
}

export type ValueShape =
  | { readonly kind: 'leaf'; readonly nonNull: boolean }
  | { readonly kind: 'enum'; readonly nonNull: boolean; readonly values: ReadonlySet<unknown> }
  | { readonly kind: 'list'; readonly nonNull: boolean; readonly items: ValueShape }
  | { readonly kind: 'composite'; readonly nonNull: boolean; readonly selection: Selection }
  | { readonly kind: 'typename'; readonly nonNull: true }
  /** `__schema` or `__type`: answered from the public schema. */
  | { readonly kind: 'introspection'; readonly nonNull: boolean };

/** The selection sets that a response name has at one place, by the concrete type found there. */
export interface Selection {
  /** Undefined where the API does not know the type: such an object is null. */
  shapeOf(typeName: unknown): ObjectShape | undefined;
  /** The shape of some possible type that selects `source`, for an object that is not there to ask for its type. */
  shapeWith(source: string): ObjectShape | undefined;
}

export interface ProjectionContext {
  schema: GraphQLSchema;
  types: TypeConditions;
}

/** Built as far as the data needs it, and kept with the operation. */
export function projectionOf(
  client: ClientOperation,
  sourceNames: SourceNames,
  conditions: Conditions,
  context: ProjectionContext,
): ObjectShape {
  return new ProjectionBuilder(client, sourceNames, conditions, context).root();
}

class ProjectionBuilder {
  readonly #client: ClientOperation;
  readonly #sourceNames: SourceNames;
  readonly #conditions: Conditions;
  readonly #context: ProjectionContext;

  constructor(
    client: ClientOperation,
    sourceNames: SourceNames,
    conditions: Conditions,
    context: ProjectionContext,
  ) {
    this.#client = client;
    this.#sourceNames = sourceNames;
    this.#conditions = conditions;
    this.#context = context;
  }

  root(): ObjectShape {
    const { operation, selectionSet } = this.#client.operation;
    const type = this.#context.schema.getRootType(operation);
    if (!type) throw new Error(`the supergraph has no ${operation} type`);
    return this.#objectShape(type.name, [selectionSet]);
  }

  #objectShape(typeName: string, selectionSets: readonly SelectionSetNode[]): ObjectShape {
    const nodesByKey = new Map<string, FieldNode[]>();
    const spread = new Set<string>();
    for (const selectionSet of selectionSets) this.#collect(typeName, selectionSet, spread, nodesByKey);
    const fields: FieldShape[] = [];
    for (const [key, nodes] of nodesByKey) {
      const field = this.#fieldShape(typeName, key, nodes);
      if (field) fields.push(field);
    }
    return { typeName, fields, bare: nodesByKey.has('__proto__') };
  }

  #collect(
    typeName: string,
    selectionSet: SelectionSetNode,
    spread: Set<string>,
    into: Map<string, FieldNode[]>,
  ): void {
    for (const selection of selectionSet.selections) {
      if (!isIncluded(selection.directives, this.#conditions)) continue;
      if (selection.kind === Kind.FIELD) {
        const key = (selection.alias ?? selection.name).value;
        const nodes = into.get(key);
        if (nodes) nodes.push(selection);
        else into.set(key, [selection]);
        continue;
      }
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        if (spread.has(selection.name.value)) continue;
        spread.add(selection.name.value);
      }
      const fragment =
        selection.kind === Kind.INLINE_FRAGMENT
          ? selection
          : this.#client.fragments.get(selection.name.value);
      const condition = fragment?.typeCondition?.name.value;
      if (fragment && (!condition || this.#context.types.matches(typeName, condition))) {
        this.#collect(typeName, fragment.selectionSet, spread, into);
      }
    }
  }

  #fieldShape(typeName: string, key: string, nodes: FieldNode[]): FieldShape | undefined {
    const node = nodes[0]!;
    const name = node.name.value;
    const source = this.#sourceNames.of(node);
    const value = this.#fieldValue(typeName, name, nodes);
    return value && { key, source, coordinate: `${typeName}.${name}`, nodes, value };
  }

  #fieldValue(typeName: string, name: string, nodes: readonly FieldNode[]): ValueShape | undefined {
    const { schema } = this.#context;
    if (name === '__typename') return { kind: 'typename', nonNull: true };
    if (typeName === schema.getQueryType()?.name) {
      if (name === '__schema') return { kind: 'introspection', nonNull: true };
      if (name === '__type') return { kind: 'introspection', nonNull: false };
    }
    const type = schema.getType(typeName);
    const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined;
    const selectionSets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    return field && this.#valueShape(field.type, false, selectionSets);
  }

  #valueShape(
    type: GraphQLOutputType,
    nonNull: boolean,
    selectionSets: readonly SelectionSetNode[],
  ): ValueShape {
    if (isNonNullType(type)) return this.#valueShape(type.ofType, true, selectionSets);
    if (isListType(type)) {
      return { kind: 'list', nonNull, items: this.#valueShape(type.ofType, false, selectionSets) };
    }
    if (isEnumType(type)) {
      return { kind: 'enum', nonNull, values: new Set(type.getValues().map(({ name }) => name)) };
    }
    if (isLeafType(type)) return { kind: 'leaf', nonNull };
    const selection = isAbstractType(type)
      ? this.#abstractSelection(type.name, selectionSets)
      : this.#objectSelection(type.name, selectionSets);
    return { kind: 'composite', nonNull, selection };
  }

  /** A field of an object type has objects of that type only, whatever name the data gives. */
  #objectSelection(typeName: string, selectionSets: readonly SelectionSetNode[]): Selection {
    let shape: ObjectShape | undefined;
    const shapeOf = () => {
      shape ??= this.#objectShape(typeName, selectionSets);
      return shape;
    };
    return { shapeOf, shapeWith: shapeOf };
  }

  #abstractSelection(typeName: string, selectionSets: readonly SelectionSetNode[]): Selection {
    const { schema } = this.#context;
    const declared = schema.getType(typeName);
    const shapes = new Map<unknown, ObjectShape | undefined>();
    const build = (found: unknown): ObjectShape | undefined => {
      // An interface object's subgraph knows the name of the interface only.
      const type = typeof found === 'string' && found !== '' ? schema.getType(found) : declared;
      if (isObjectType(type) || isInterfaceType(type)) return this.#objectShape(type.name, selectionSets);
      return isInterfaceType(declared) && type ? this.#objectShape(typeName, selectionSets) : undefined;
    };
    const shapeOf = (found: unknown) => {
      let shape = shapes.get(found);
      if (shape === undefined && !shapes.has(found)) {
        shape = build(found);
        // Names that are no type of the API come from outside, and are not kept.
        if (shape) shapes.set(found, shape);
      }
      return shape;
    };
    const possibleTypes = isAbstractType(declared) ? schema.getPossibleTypes(declared) : [];
    return {
      shapeOf,
      shapeWith(source) {
        for (const { name } of possibleTypes) {
          const shape = shapeOf(name);
          if (shape?.fields.some((field) => field.source === source)) return shape;
        }
        return undefined;
      },
    };
  }
}
