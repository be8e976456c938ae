import type {
  ConstDirectiveNode,
  DefinitionNode,
  FieldDefinitionNode,
  GraphQLScalarType,
  GraphQLSchema,
  InputValueDefinitionNode,
  NamedTypeNode,
  TypeNode,
} from 'graphql';
import { buildASTSchema, isScalarType, isTypeDefinitionNode, Kind, specifiedDirectives } from 'graphql';
import { parseSupergraph, type Supergraph } from './supergraph.ts';

/**
 * The API of a supergraph: without the machinery of composition and without what is `@inaccessible`.
 * Descriptions, deprecations, `@specifiedBy` and `@oneOf` stay; of other directives those that clients can write.
 */
export function publicSchema(supergraphSdl: string): GraphQLSchema {
  return publicSchemaOf(parseSupergraph(supergraphSdl));
}

export function publicSchemaOf(
  supergraph: Supergraph,
  scalars: readonly GraphQLScalarType[] = [],
): GraphQLSchema {
  const view = new PublicView(supergraph);
  const definitions = supergraph.document.definitions.flatMap(
    (definition) => view.definition(definition) ?? [],
  );
  // Composition has validated the SDL; and what we leave out may have been what a validation looks for.
  const schema = buildASTSchema(
    { kind: Kind.DOCUMENT, definitions },
    { assumeValid: true, assumeValidSDL: true },
  );
  for (const scalar of scalars) holdTo(scalar, schema);
  return schema;
}

/** What was parsed is given back its outer form: the subgraph parses it anew. */
function holdTo(scalar: GraphQLScalarType, schema: GraphQLSchema): void {
  const type = schema.getType(scalar.name);
  if (!isScalarType(type)) throw new Error(`the supergraph has no scalar ${scalar.name}`);
  type.parseValue = (value) => scalar.serialize(scalar.parseValue(value));
  type.parseLiteral = (node, variables) => scalar.serialize(scalar.parseLiteral(node, variables));
}

const builtInDirectives = new Set(specifiedDirectives.map(({ name }) => name));

const executableLocations = new Set([
  'QUERY',
  'MUTATION',
  'SUBSCRIPTION',
  'FIELD',
  'FRAGMENT_DEFINITION',
  'FRAGMENT_SPREAD',
  'INLINE_FRAGMENT',
  'VARIABLE_DEFINITION',
]);

type Annotated = { directives?: readonly ConstDirectiveNode[] };

/** Maps every definition of a supergraph to its public form, or to undefined. */
class PublicView {
  readonly #inaccessible: string;
  readonly #hiddenTypes = new Set<string>();
  readonly #isMachinery: (typeName: string) => boolean;

  constructor({ document, inaccessible, isMachinery }: Supergraph) {
    this.#inaccessible = inaccessible;
    this.#isMachinery = isMachinery;
    for (const definition of document.definitions) {
      if (isTypeDefinitionNode(definition) && !this.#isOpen(definition)) {
        this.#hiddenTypes.add(definition.name.value);
      }
    }
  }

  definition(definition: DefinitionNode): DefinitionNode | undefined {
    switch (definition.kind) {
      case Kind.SCHEMA_DEFINITION:
        return { ...definition, ...this.#annotations(definition) };
      case Kind.DIRECTIVE_DEFINITION:
        if (builtInDirectives.has(definition.name.value)) return undefined;
        if (!definition.locations.some(({ value }) => executableLocations.has(value))) return undefined;
        return { ...definition, arguments: this.#inputs(definition.arguments) };
      case Kind.SCALAR_TYPE_DEFINITION:
        if (this.#isHidden(definition.name.value)) return undefined;
        return { ...definition, ...this.#annotations(definition) };
      case Kind.OBJECT_TYPE_DEFINITION:
      case Kind.INTERFACE_TYPE_DEFINITION:
        if (this.#isHidden(definition.name.value)) return undefined;
        return {
          ...definition,
          ...this.#annotations(definition),
          interfaces: this.#openTypes(definition.interfaces),
          fields: this.#fields(definition.fields),
        };
      case Kind.UNION_TYPE_DEFINITION:
        if (this.#isHidden(definition.name.value)) return undefined;
        return { ...definition, ...this.#annotations(definition), types: this.#openTypes(definition.types) };
      case Kind.ENUM_TYPE_DEFINITION:
        if (this.#isHidden(definition.name.value)) return undefined;
        return {
          ...definition,
          ...this.#annotations(definition),
          values: definition.values
            ?.filter((value) => this.#isOpen(value))
            .map((value) => ({ ...value, ...this.#annotations(value) })),
        };
      case Kind.INPUT_OBJECT_TYPE_DEFINITION:
        if (this.#isHidden(definition.name.value)) return undefined;
        return { ...definition, ...this.#annotations(definition), fields: this.#inputs(definition.fields) };
      default:
        return undefined;
    }
  }

  #fields(fields: readonly FieldDefinitionNode[] = []): FieldDefinitionNode[] {
    return fields
      .filter((field) => this.#isOpen(field) && !this.#isHidden(namedType(field.type)))
      .map((field) => ({ ...field, ...this.#annotations(field), arguments: this.#inputs(field.arguments) }));
  }

  #inputs(inputs: readonly InputValueDefinitionNode[] = []): InputValueDefinitionNode[] {
    return inputs
      .filter((input) => this.#isOpen(input) && !this.#isHidden(namedType(input.type)))
      .map((input) => ({ ...input, ...this.#annotations(input) }));
  }

  #openTypes(types: readonly NamedTypeNode[] = []): NamedTypeNode[] {
    return types.filter(({ name }) => !this.#isHidden(name.value));
  }

  #annotations({ directives = [] }: Annotated): { directives: ConstDirectiveNode[] } {
    return { directives: directives.filter(({ name }) => builtInDirectives.has(name.value)) };
  }

  #isOpen({ directives = [] }: Annotated): boolean {
    return !directives.some(({ name }) => name.value === this.#inaccessible);
  }

  #isHidden(typeName: string): boolean {
    return this.#hiddenTypes.has(typeName) || this.#isMachinery(typeName);
  }
}

function namedType(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type);
}
