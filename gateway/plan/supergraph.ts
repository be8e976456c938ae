import type { ConstDirectiveNode, ConstValueNode, DocumentNode, FieldDefinitionNode } from 'graphql';
import { Kind, parse } from 'graphql';
import { TypeConditions } from './type-conditions.ts';

/** One subgraph: plans may call it by its enum value in `join__Graph`, people by its name. */
export interface SubgraphName {
  graph: string;
  name: string;
}

/** What the runtime needs to know of a supergraph's SDL. */
export interface Supergraph {
  document: DocumentNode;
  subgraphs: readonly SubgraphName[];
  typeConditions: TypeConditions;
  /** The names of all output fields of all types. */
  fieldNames: ReadonlySet<string>;
  /** Those of them that take arguments and stand in a `@requires`, where they have arguments of their own. */
  requiredWithArguments: ReadonlySet<string>;
  /** Whether a type belongs to the machinery (`join__Graph`, `link__Import`) and not to the API. */
  isMachinery(typeName: string): boolean;
  /** What `@inaccessible` is called here. */
  inaccessible: string;
}

// Composition may print these types without linking their specification.
const alwaysMachinery = ['join', 'link', 'core', 'federation', 'context', 'policy', 'requiresScopes'];

export function parseSupergraph(supergraphSdl: string): Supergraph {
  const document = parse(supergraphSdl, { noLocation: true });
  const features = linkedFeatures(document);
  const fields = fieldsOf(document);
  const prefixes = new Set(alwaysMachinery);
  const imported = new Set<string>();
  for (const feature of features) {
    prefixes.add(feature.name);
    for (const name of feature.imports.values()) imported.add(name);
  }
  const join = features.find(({ specification }) => specification === 'join')?.name ?? 'join';
  const inaccessible = features.find(({ specification }) => specification === 'inaccessible');
  return {
    document,
    subgraphs: subgraphsOf(document, join),
    typeConditions: new TypeConditions(document),
    fieldNames: new Set(fields.map(({ name }) => name.value)),
    requiredWithArguments: requiredWithArguments(fields),
    isMachinery(typeName) {
      const end = typeName.indexOf('__');
      return imported.has(typeName) || (end > 0 && prefixes.has(typeName.slice(0, end)));
    },
    inaccessible:
      inaccessible?.imports.get('@inaccessible')?.slice(1) ?? inaccessible?.name ?? 'inaccessible',
  };
}

interface Feature {
  /** `join` of `https://specs.apollo.dev/join/v0.5`. */
  specification: string;
  /** The prefix of its names here. */
  name: string;
  /** The name in the specification → the name here; directives with their `@`. */
  imports: ReadonlyMap<string, string>;
}

/** The specifications that the schema links (`@link(url:)`, or `@core(feature:)` in the oldest supergraphs). */
function linkedFeatures(document: DocumentNode): Feature[] {
  const features: Feature[] = [];
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.SCHEMA_DEFINITION && definition.kind !== Kind.SCHEMA_EXTENSION) continue;
    for (const directive of definition.directives ?? []) {
      const url = stringOf(argument(directive, 'url') ?? argument(directive, 'feature'));
      const specification = url && /([^/]+)\/v\d+\.\d+\/?$/.exec(url)?.[1];
      if (!specification) continue;
      const name = stringOf(argument(directive, 'as')) ?? specification;
      features.push({ specification, name, imports: importsOf(argument(directive, 'import')) });
    }
  }
  return features;
}

function importsOf(value: ConstValueNode | undefined): Map<string, string> {
  const imports = new Map<string, string>();
  for (const item of value?.kind === Kind.LIST ? value.values : []) {
    if (item.kind === Kind.STRING) imports.set(item.value, item.value);
    if (item.kind !== Kind.OBJECT) continue;
    const field = (name: string) => stringOf(item.fields.find((each) => each.name.value === name)?.value);
    const name = field('name');
    if (name) imports.set(name, field('as') ?? name);
  }
  return imports;
}

function subgraphsOf(document: DocumentNode, join: string): SubgraphName[] {
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.ENUM_TYPE_DEFINITION || definition.name.value !== `${join}__Graph`) continue;
    return (definition.values ?? []).map((value) => {
      const directive = value.directives?.find(({ name }) => name.value === `${join}__graph`);
      const graph = value.name.value;
      return { graph, name: stringOf(directive && argument(directive, 'name')) ?? graph };
    });
  }
  throw new Error(`this SDL is not a supergraph: expected an enum ${join}__Graph that lists the subgraphs`);
}

function fieldsOf(document: DocumentNode): FieldDefinitionNode[] {
  return document.definitions.flatMap((definition) =>
    definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.INTERFACE_TYPE_DEFINITION
      ? (definition.fields ?? [])
      : [],
  );
}

function requiredWithArguments(fields: readonly FieldDefinitionNode[]): Set<string> {
  const required = new Set<string>();
  for (const directive of fields.flatMap(({ directives }) => directives ?? [])) {
    // Every name in the field set, argument names too: one too many does no harm.
    const fieldSet = stringOf(argument(directive, 'requires'));
    for (const [name] of fieldSet?.matchAll(/[_A-Za-z]\w*/g) ?? []) required.add(name);
  }
  const withArguments = fields.filter((field) => field.arguments?.length && required.has(field.name.value));
  return new Set(withArguments.map(({ name }) => name.value));
}

const argument = (directive: ConstDirectiveNode, name: string): ConstValueNode | undefined =>
  directive.arguments?.find((each) => each.name.value === name)?.value;

const stringOf = (value: ConstValueNode | undefined): string | undefined =>
  value?.kind === Kind.STRING ? value.value : undefined;
