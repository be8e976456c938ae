import type { GraphQLFieldResolver, GraphQLOutputType, GraphQLSchema } from 'graphql';
import {
  GraphQLError,
  getNullableType,
  isAbstractType,
  isEnumType,
  isListType,
  isObjectType,
  isScalarType,
} from 'graphql';
import { publicSchema } from '../../../gateway/index.ts';
import type { SubgraphDefinition, SubgraphDefinitions } from './subgraphs.ts';
import { composeSupergraph, remoteExecutor, subgraphSchema } from './subgraphs.ts';

/**
 * Supergraphs whose values follow from (field, entity, arguments) alone, so that any split into subgraphs, and one plain
 * schema without any, must answer alike. An entity's id names its type, `Book-3`; a key field's value names the id,
 * `sku:Book-3`. Some fields are null, some lists empty, and some fields fail.
 */
export interface World {
  name: string;
  subgraphs: SubgraphDefinitions;
  /** Fields that random queries leave out, as `Type.field`. */
  avoid?: readonly string[];
}

interface Entity {
  __typename: string;
  id: string;
  [field: string]: unknown;
}

export function hash(text: string): number {
  let value = 2166136261;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 16777619);
  }
  value ^= value >>> 15;
  return Math.imul(value, 2246822519) >>> 0;
}

const keyFields = ['sku', 'upc', 'slug'];

/** Fields with `@requires`: they are computed from what the gateway brought, or in the plain schema from the entity. */
const computed: Record<string, readonly string[]> = {
  shipping: ['price', 'weight'],
  label: ['name'],
  summary: ['dimensions'],
};

// What others require does not fail: its error would stand where the client selected nothing.
const solid = new Set(['id', ...keyFields, ...Object.values(computed).flat(), 'width', 'height']);

const fails = (field: string, id: string): boolean =>
  !solid.has(field) && hash(`fail ${field} ${id}`) % 29 === 0;

const resolve: GraphQLFieldResolver<Entity | undefined, unknown> = (source, args, _context, info) => {
  const id = source?.id ?? 'root';
  const field = info.fieldName;
  if (field === 'id') return id;
  if (keyFields.includes(field)) return `${field}:${id}`;
  if (fails(field, id)) throw new GraphQLError(`no ${field} of ${id}`);
  const required = computed[field];
  if (required) {
    const parts = required.map((name) => requiredValue(source as Entity, name));
    return parts.some((part) => part === null) ? null : `${field}(${parts.join()})`;
  }
  return valueFor(info.returnType, `${field} ${id} ${JSON.stringify(args)}`, info.schema);
};

function requiredValue(source: Entity, name: string): unknown {
  const given = source[name];
  if (given !== undefined) return given !== null && typeof given === 'object' ? JSON.stringify(given) : given;
  // The plain schema: what a subgraph would have said.
  const key = `${name} ${source.id} ${name === 'price' ? '{"currency":"EUR"}' : '{}'}`;
  if (isNull(key)) return null;
  if (name === 'price' || name === 'weight') return leaf(key);
  if (name !== 'dimensions') return `${key}#${leaf(key)}`;
  const width = `width of ${key} {}`;
  return JSON.stringify({ width: isNull(width) ? null : leaf(width), height: leaf(`height of ${key} {}`) });
}

const isNull = (key: string): boolean => hash(`null ${key}`) % 11 === 0;
const leaf = (key: string): number => hash(key) % 1000;

function valueFor(type: GraphQLOutputType, key: string, schema: GraphQLSchema): unknown {
  const nullable = getNullableType(type);
  if (nullable === type && isNull(key)) return null;
  if (isListType(nullable)) {
    const length = hash(`length ${key}`) % 4;
    return Array.from({ length }, (_, index) => valueFor(nullable.ofType, `${key}/${index}`, schema));
  }
  if (isScalarType(nullable)) {
    if (nullable.name === 'Int') return leaf(key);
    if (nullable.name === 'Boolean') return leaf(key) % 2 === 0;
    return `${key}#${leaf(key)}`;
  }
  if (isEnumType(nullable)) {
    const values = nullable
      .getValues()
      .map(({ name }) => name)
      .sort();
    return values[leaf(key) % values.length];
  }
  return objectFor(nullable as GraphQLOutputType, key, schema);
}

function objectFor(type: GraphQLOutputType, key: string, schema: GraphQLSchema): Entity {
  if (isAbstractType(type)) {
    const names = schema
      .getPossibleTypes(type)
      .map(({ name }) => name)
      .sort();
    const name = names[leaf(key) % names.length] as string;
    return { __typename: name, id: `${name}-${hash(`id ${key}`) % 6}` };
  }
  const name = isObjectType(type) ? type.name : '';
  // An interface object's subgraph has only the interface: the type is in the id.
  const concrete = interfaceMembers[name];
  const entityType = concrete ? (concrete[leaf(key) % concrete.length] as string) : name;
  const isEntity = isObjectType(type) && 'id' in type.getFields();
  const id = isEntity ? `${entityType}-${hash(`id ${key}`) % 6}` : `of ${key}`;
  return { __typename: name, id };
}

const interfaceMembers: Record<string, readonly string[]> = { Media: ['Film', 'Song'] };

function withWorldResolvers(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__')) continue;
    if (isObjectType(type)) {
      for (const field of Object.values(type.getFields())) {
        if (!field.name.startsWith('_')) field.resolve = resolve as typeof field.resolve;
      }
    }
    if (isAbstractType(type)) type.resolveType = (value) => value.__typename;
  }
  const entities = schema.getQueryType()?.getFields()._entities;
  if (entities) {
    entities.resolve = (_source, { representations }) =>
      representations.map((representation: Entity) => {
        const type = schema.getType(representation.__typename);
        const key = keyFields.find((name) => typeof representation[name] === 'string');
        const id = representation.id ?? String(key && representation[key]).replace(/^[a-z]+:/, '');
        // Asked for an interface, a subgraph that knows the members answers with one of them.
        const typeName = isAbstractType(type) ? id.replace(/-\d+$/, '') : representation.__typename;
        return { ...representation, id, __typename: typeName };
      });
  }
  return schema;
}

export function worldExecutors({ subgraphs }: World) {
  return Object.fromEntries(
    Object.entries(subgraphs).map(([name, definition]) => [
      name,
      remoteExecutor(withWorldResolvers(subgraphSchema(definition))),
    ]),
  );
}

export const worldSupergraph = ({ subgraphs }: World): string => composeSupergraph(subgraphs);

/** The same values from one schema without federation. */
export const plainSchema = (supergraphSdl: string): GraphQLSchema =>
  withWorldResolvers(publicSchema(supergraphSdl));

const subgraph = (typeDefs: string): SubgraphDefinition => ({ typeDefs });

export const worlds: readonly World[] = [
  {
    name: 'shop',
    subgraphs: {
      products: subgraph(`
        type Query { products(first: Int = 2): [Product!] product(id: ID!): Product top: Product! }
        type Product @key(fields: "id") @key(fields: "sku") {
          id: ID! sku: ID! name: String! color: Color price(currency: String = "EUR"): Int weight: Int
          dimensions: Dimensions category: Category! similar: [Product]
        }
        type Dimensions { width: Int height: Int! }
        type Category @key(fields: "id") { id: ID! title: String }
        enum Color { RED GREEN }
        type Mutation { addProduct(name: String): Product }
      `),
      shipping: subgraph(`
        type Product @key(fields: "id") {
          id: ID! price(currency: String = "EUR"): Int @external weight: Int @external dimensions: Dimensions @external
          shipping: String @requires(fields: "price weight")
          summary: String @requires(fields: "dimensions { width height }")
        }
        type Dimensions @external { width: Int height: Int! }
      `),
      inventory: subgraph(`
        type Product @key(fields: "sku") { sku: ID! inStock: Boolean! warehouse: Warehouse }
        type Warehouse @key(fields: "id") { id: ID! city: String! manager: User }
        type User @key(fields: "id") { id: ID! }
        type Mutation { restock(amount: Int!): Product }
      `),
      reviews: subgraph(`
        type Query { reviews: [Review!]! latest: Review }
        type Review @key(fields: "id") { id: ID! stars: Int! body(length: Int): String author: User! product: Product }
        type User @key(fields: "id") { id: ID! reviews: [Review!] }
        type Product @key(fields: "id") { id: ID! reviews(first: Int = 2): [Review!]! }
        type Category @key(fields: "id") { id: ID! best: Product }
      `),
      users: subgraph(`
        type Query { me: User user(id: ID!): User }
        type User @key(fields: "id") { id: ID! name: String! email: String friends: [User!] }
      `),
    },
  },
  {
    name: 'media',
    // Selected under two members of an interface object at once, the planner asks for one of the two only.
    avoid: ['Film.stars', 'Film.critics', 'Song.stars', 'Song.critics', 'Film.id', 'Song.id'],
    subgraphs: {
      catalog: subgraph(`
        type Query { library: [Media!] media(id: ID!): Media search(text: String = "a"): [Result] shelf: Shelf }
        interface Media @key(fields: "id") { id: ID! title: String creator: Person }
        type Film implements Media @key(fields: "id") { id: ID! title: String creator: Person minutes: Int! }
        type Song implements Media @key(fields: "id") { id: ID! title: String creator: Person beats: Int }
        type Person @key(fields: "id") { id: ID! name: String }
        union Result = Film | Song | Person
        type Shelf { items: [Media] first: Result nested: [[Result!]] }
      `),
      ratings: subgraph(`
        type Query { favourite: Media }
        type Media @interfaceObject @key(fields: "id") {
          id: ID! stars: Int critics: [Critic!]
        }
        type Critic { name: String! verdict: String }
      `),
      people: subgraph(`
        type Person @key(fields: "id") { id: ID! born: Int knows: [Person] works: [Film] }
        type Film @key(fields: "id") { id: ID! awards(year: Int): [String!] }
        type Song @key(fields: "id") { id: ID! singer: Person! }
      `),
    },
  },
  {
    name: 'fleet',
    subgraphs: {
      cloud: subgraph(`
        type Query { devices(first: Int = 3): [Device!]! device(id: ID!): Device nodes: [Node] anything: [Thing!] }
        interface Thing { id: ID! slug: ID! name: String }
        type Device implements Thing @key(fields: "id slug") { id: ID! slug: ID! name: String node: Node model: Model }
        type Node implements Thing @key(fields: "id") { id: ID! slug: ID! name: String ready: Boolean devices: [Device!] }
        type Model { unit: String! limits: [Int!]! }
      `),
      edge: subgraph(`
        type Device @key(fields: "id slug") {
          id: ID! slug: ID! name: String @external label: String @requires(fields: "name") twins(names: [String!]): [Twin!]
        }
        type Node @key(fields: "id") { id: ID! link: Link twins: [Twin] }
        type Twin { property: String! reported: Reported desired: Int node: Node }
        type Reported { value: Int! quality: Quality! }
        type Link { state: Quality lag: Int! }
        enum Quality { GOOD BAD }
      `),
    },
  },
];
