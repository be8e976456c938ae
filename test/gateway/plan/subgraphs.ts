import { composeServices } from '@theguild/federation-composition';
import type { DocumentNode, ExecutionResult, GraphQLSchema } from 'graphql';
import { buildASTSchema, execute, isObjectType, Kind, parse, subscribe } from 'graphql';
import type { PlanRuntime, SubgraphExecutor, SubgraphRequest } from '../../../gateway/index.ts';
import { createPlanRuntime } from '../../../gateway/index.ts';

// biome-ignore lint/suspicious/noExplicitAny: resolvers of test schemas take what their fields take
type Resolver = (source: any, args: any, context: any) => unknown;
type SubscriptionResolver = { subscribe: Resolver; resolve?: Resolver };

/** By type and field. `__resolveReference` finds an entity, `__resolveType` names the type of an abstract value. */
export type Resolvers = Record<string, Record<string, Resolver | SubscriptionResolver>>;

export interface SubgraphDefinition {
  typeDefs: string;
  resolvers?: Resolvers;
}

export type SubgraphDefinitions = Record<string, SubgraphDefinition>;

const federationLink = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [
  "@key", "@shareable", "@requires", "@external", "@inaccessible", "@interfaceObject", "@provides", "@override", "@tag"
])`;

const withLink = (typeDefs: string): string =>
  typeDefs.includes('@link') || typeDefs.includes('# fed1') ? typeDefs : `${federationLink}\n${typeDefs}`;

export function composeSupergraph(definitions: SubgraphDefinitions): string {
  const { supergraphSdl, errors } = composeServices(
    Object.entries(definitions).map(([name, { typeDefs }]) => ({
      name,
      url: `http://${name}.test`,
      typeDefs: parse(withLink(typeDefs)),
    })),
  );
  if (!supergraphSdl) throw new Error(`no composition: ${errors?.map(({ message }) => message).join('; ')}`);
  return supergraphSdl;
}

/** A federated subgraph's schema, with `_entities`, from its SDL and resolvers. */
export function subgraphSchema({ typeDefs, resolvers = {} }: SubgraphDefinition): GraphQLSchema {
  const document = parse(withLink(typeDefs));
  const schema = buildASTSchema(withEntities(document), { assumeValid: true, assumeValidSDL: true });
  for (const type of Object.values(schema.getTypeMap())) {
    const ofType = resolvers[type.name] ?? {};
    if ('getFields' in type && isObjectType(type)) {
      for (const [name, field] of Object.entries(type.getFields())) {
        const resolver = Object.hasOwn(ofType, name) ? ofType[name] : undefined;
        if (typeof resolver === 'function') field.resolve = resolver;
        else if (resolver) Object.assign(field, resolver);
      }
    }
    if ('resolveType' in type) {
      type.resolveType = (value, ...rest) =>
        (ofType.__resolveType as Resolver | undefined)?.(value, rest[0], rest[1]) ?? value?.__typename;
    }
  }
  const entities = schema.getQueryType()?.getFields()._entities;
  if (entities) {
    entities.resolve = (_source, { representations }, context) =>
      // Each by itself: one that fails leaves the others.
      representations.map(async (representation: { __typename: string }) => {
        const resolveReference = resolvers[representation.__typename]?.__resolveReference;
        if (typeof resolveReference !== 'function') return representation;
        const found = await resolveReference(representation, {}, context);
        return withTypename(found, representation.__typename);
      });
  }
  return schema;
}

function withTypename(entity: unknown, typeName: string): unknown {
  if (typeof entity !== 'object' || entity === null) return entity;
  return '__typename' in entity ? entity : { __typename: typeName, ...entity };
}

/** Adds `_entities`, and makes types of extensions of types that other subgraphs define. */
function withEntities(document: DocumentNode): DocumentNode {
  const defined = new Set<string>();
  const entities = new Set<string>();
  for (const definition of document.definitions) {
    if ('name' in definition && definition.name && definition.kind.endsWith('Definition')) {
      defined.add(definition.name.value);
    }
    const isObject =
      definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.OBJECT_TYPE_EXTENSION;
    if (isObject && definition.directives?.some(({ name }) => name.value === 'key')) {
      entities.add(definition.name.value);
    }
  }
  const definitions = document.definitions.flatMap((definition) => {
    if (definition.kind === Kind.SCHEMA_EXTENSION) return [];
    if (definition.kind === Kind.OBJECT_TYPE_EXTENSION && !defined.has(definition.name.value)) {
      defined.add(definition.name.value);
      return [{ ...definition, kind: Kind.OBJECT_TYPE_DEFINITION } as const];
    }
    if (definition.kind === Kind.INTERFACE_TYPE_EXTENSION && !defined.has(definition.name.value)) {
      defined.add(definition.name.value);
      return [{ ...definition, kind: Kind.INTERFACE_TYPE_DEFINITION } as const];
    }
    return [definition];
  });
  const query = defined.has('Query') ? 'extend type Query' : 'type Query';
  const machinery =
    entities.size > 0
      ? `scalar _Any union _Entity = ${[...entities].join(' | ')}
         ${query} { _entities(representations: [_Any!]!): [_Entity]! }`
      : defined.has('Query')
        ? ''
        : 'type Query { _service: String }';
  return {
    kind: Kind.DOCUMENT,
    definitions: machinery ? [...definitions, ...parse(machinery).definitions] : definitions,
  };
}

export interface SubgraphCall extends SubgraphRequest {
  service: string;
}

/** Executes like a subgraph behind HTTP: in another object space, and later. */
export function remoteExecutor(schema: GraphQLSchema): SubgraphExecutor {
  return async ({ document, variables, operationType, context }) => {
    const args = { schema, document, variableValues: overTheWire(variables), contextValue: context };
    if (operationType !== 'subscription') return overTheWire(await execute(args));
    const events = await subscribe(args);
    return Symbol.asyncIterator in events ? mapEvents(events) : overTheWire(events);
  };
}

async function* mapEvents(events: AsyncIterable<ExecutionResult>): AsyncGenerator<ExecutionResult> {
  for await (const event of events) yield overTheWire(event);
}

const overTheWire = <T>(value: T): T => JSON.parse(JSON.stringify(value));

export interface Federation {
  supergraphSdl: string;
  runtime: PlanRuntime;
  executors: Record<string, SubgraphExecutor>;
  /** Every request so far, in order. */
  calls: SubgraphCall[];
  run(query: string, variables?: Record<string, unknown>): Promise<ExecutionResult>;
}

/** A supergraph of executable subgraphs with a runtime over it. `overrides` replaces the executors of some. */
export function federate(
  definitions: SubgraphDefinitions,
  overrides: Record<string, SubgraphExecutor> = {},
): Federation {
  const supergraphSdl = composeSupergraph(definitions);
  const calls: SubgraphCall[] = [];
  const executors: Record<string, SubgraphExecutor> = {};
  for (const [service, definition] of Object.entries(definitions)) {
    const execute = overrides[service] ?? remoteExecutor(subgraphSchema(definition));
    executors[service] = (request) => {
      calls.push({ service, ...request });
      return execute(request);
    };
  }
  const runtime = createPlanRuntime({ supergraphSdl, executors });
  return {
    supergraphSdl,
    runtime,
    executors,
    calls,
    async run(query, variables) {
      const result = await runtime.execute({ document: parse(query), variableValues: variables });
      return overTheWire(result);
    },
  };
}
