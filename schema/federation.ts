import {
  type ConstDirectiveNode,
  type DefinitionNode,
  type DocumentNode,
  type GraphQLFieldExtensions,
  type GraphQLSchema,
  Kind,
  type ObjectTypeDefinitionNode,
  parse,
  print,
  printSchema,
  visit,
} from 'graphql';
import { OctographError } from '../lib/errors.ts';
import type { Context } from '../resolvers/context.ts';
import type { Parts } from './parts.ts';

/**
 * The subgraph side of Apollo Federation v2 (https://specs.apollo.dev/federation/v2.9): directives as extensions of
 * types and fields, printed into the SDL; `_service` and `_entities` as the subgraph specification wants them.
 */
const LINK =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@inaccessible"])';

const MACHINERY = new Set(['_entities', '_service', '_Any', '_Entity', '_Service']);

/** The keys of an entity; nothing in a plain schema. */
export function keyed({ federated }: Parts, ...keys: string[]) {
  return directives(
    federated,
    keys.map((fields) => `@key(fields: "${fields}")`),
  );
}

/** A value type that both subgraphs resolve alike. */
export const shareable = ({ federated }: Parts) => directives(federated, ['@shareable']);

/** For the gateway alone: no client sees it. */
export const inaccessible = ({ federated }: Parts) => directives(federated, ['@inaccessible']);

function directives(federated: boolean, list: string[]) {
  return federated ? { extensions: { federation: list } } : {};
}

/** What an entity resolver gets: the key fields that the router sends. */
type Representation = { __typename: string } & Record<string, unknown>;

type EntityResolvers = Record<string, (key: Representation, context: Context) => object | null>;

export function defineFederation(
  { builder, refs }: Parts,
  resolvers: EntityResolvers,
  sdl: () => string,
): void {
  builder.scalarType('_Any' as never, { serialize: (value) => value as never });
  const Service = builder.objectRef<object>('_Service').implement({
    fields: (t) => ({ sdl: t.string({ resolve: sdl }) }),
  });
  const Entity = builder.unionType('_Entity', {
    types: [refs.Device, refs.Node],
    resolveType: (entity) => (entity as unknown as { __typename: string }).__typename as never,
  });
  builder.queryFields((t) => ({
    _service: t.field({ type: Service, resolve: () => ({}) }),
    _entities: t.field({
      type: [Entity],
      nullable: { list: false, items: true },
      args: { representations: t.arg({ type: ['_Any' as never], required: true }) },
      resolve: (_root, { representations }, context) =>
        representations.map((key: unknown) => {
          // Returned, not thrown: what is wrong with one key says nothing of the others.
          if (!isRepresentation(key, resolvers)) return unknownEntity(key, resolvers);
          const entity = resolvers[key.__typename]?.(key, context);
          return entity ? { ...entity, __typename: key.__typename } : null;
        }) as never,
    }),
  }));
}

function isRepresentation(key: unknown, resolvers: EntityResolvers): key is Representation {
  const typeName = (key as { __typename?: unknown } | null)?.__typename;
  return typeof typeName === 'string' && Object.hasOwn(resolvers, typeName);
}

function unknownEntity(key: unknown, resolvers: EntityResolvers): OctographError {
  const expected = `expected a map with __typename ${Object.keys(resolvers).join(' or ')} and its key`;
  return new OctographError('BAD_USER_INPUT', `representation ${JSON.stringify(key)}: ${expected}`);
}

/** The SDL that composition reads: directives in, machinery out. */
export function printSubgraph(schema: GraphQLSchema): string {
  const document = visit(parse(printSchema(schema)), {
    ObjectTypeDefinition(node) {
      const fields = node.fields
        ?.filter((field) => !MACHINERY.has(field.name.value))
        .map((field) => ({
          ...field,
          directives: [...(field.directives ?? []), ...fieldDirectives(schema, node, field.name.value)],
        }));
      return { ...node, fields, directives: [...(node.directives ?? []), ...typeDirectives(schema, node)] };
    },
  }) as DocumentNode;
  const definitions = document.definitions.filter((definition) => !isMachinery(definition));
  return `${LINK}\n\n${print({ ...document, definitions })}\n`;
}

function isMachinery(definition: DefinitionNode): boolean {
  if (!('name' in definition) || !definition.name) return false;
  if (definition.kind === Kind.OBJECT_TYPE_DEFINITION && definition.fields?.length === 0) return true;
  return MACHINERY.has(definition.name.value);
}

const typeDirectives = (schema: GraphQLSchema, node: ObjectTypeDefinitionNode) =>
  parseDirectives(schema.getType(node.name.value)?.extensions);

function fieldDirectives(schema: GraphQLSchema, node: ObjectTypeDefinitionNode, field: string) {
  const type = schema.getType(node.name.value);
  const fields = type && 'getFields' in type ? type.getFields() : {};
  return parseDirectives(fields[field]?.extensions as GraphQLFieldExtensions<unknown, unknown> | undefined);
}

function parseDirectives(extensions: { federation?: unknown } | undefined): ConstDirectiveNode[] {
  const list = (extensions?.federation as string[] | undefined) ?? [];
  const document = parse(`scalar S ${list.join(' ')}`);
  return (document.definitions[0] as { directives?: ConstDirectiveNode[] }).directives ?? [];
}
