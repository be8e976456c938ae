import type { GraphQLArgument, GraphQLNamedType, GraphQLObjectType, GraphQLSchema } from 'graphql';
import {
  getNamedType,
  isAbstractType,
  isInterfaceType,
  isLeafType,
  isObjectType,
  OverlappingFieldsCanBeMergedRule,
  parse,
  validate,
} from 'graphql';

export interface GeneratedQuery {
  text: string;
  variables: Record<string, unknown>;
}

export type Random = () => number;

export interface GeneratorOptions {
  /** Fields that are left out, as `Type.field`. */
  avoid?: readonly string[];
  aliases?: readonly string[];
  /** Whether to write `@skip` and `@include`. */
  conditions?: boolean;
}

/** Numbers in [0, 1) that follow from the seed alone. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 4294967296;
  };
}

/** A random valid query: aliases, arguments, fragments of all kinds, `@skip` and `@include`. */
export function generateQuery(
  schema: GraphQLSchema,
  random: Random,
  options: GeneratorOptions = {},
): GeneratedQuery {
  for (;;) {
    const query = new QueryWriter(schema, random, options).write();
    const document = parse(query.text);
    // A random alias may stand for two things in one place.
    if (validate(schema, document, [OverlappingFieldsCanBeMergedRule]).length > 0) continue;
    const errors = validate(schema, document);
    if (errors.length > 0)
      throw new Error(`generated an invalid query: ${errors[0]?.message}\n${query.text}`);
    return query;
  }
}

/** Some are names of fields, some of what every object inherits. */
const trickyAliases = ['a', 'b', 'name', 'id', 'title', 'items', 'constructor', '__proto__', 'price'];

const variables = {
  yes: { type: 'Boolean! = true', value: undefined },
  no: { type: 'Boolean!', value: false },
  count: { type: 'Int', value: 2 },
};

class QueryWriter {
  readonly #schema: GraphQLSchema;
  readonly #random: Random;
  readonly #avoid: readonly string[];
  readonly #aliases: readonly string[];
  readonly #conditions: boolean;
  readonly #fragments: string[] = [];
  readonly #variables = new Set<keyof typeof variables>();

  constructor(
    schema: GraphQLSchema,
    random: Random,
    { avoid = [], aliases = trickyAliases, conditions = true }: GeneratorOptions,
  ) {
    this.#schema = schema;
    this.#random = random;
    this.#avoid = avoid;
    this.#aliases = aliases;
    this.#conditions = conditions;
  }

  write(): GeneratedQuery {
    const selection = this.#selectionSet(this.#schema.getQueryType() as GraphQLObjectType, 4);
    const used = [...this.#variables];
    const head =
      used.length > 0 ? `query (${used.map((name) => `$${name}: ${variables[name].type}`).join(', ')}) ` : '';
    return {
      text: [head + selection, ...this.#fragments].join('\n'),
      variables: Object.fromEntries(
        used.flatMap((name) => {
          const { value } = variables[name];
          return value === undefined ? [] : [[name, value]];
        }),
      ),
    };
  }

  #chance(probability: number): boolean {
    return this.#random() < probability;
  }

  #pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.#random() * items.length)] as T;
  }

  #selectionSet(type: GraphQLNamedType, depth: number): string {
    const selections: string[] = [];
    if (this.#chance(0.2)) selections.push(this.#chance(0.3) ? 'kind: __typename' : '__typename');
    if (isObjectType(type) || isInterfaceType(type)) {
      const fields = Object.values(type.getFields()).filter(
        (field) =>
          (depth > 0 || isLeafType(getNamedType(field.type))) &&
          !this.#avoid.includes(`${type.name}.${field.name}`),
      );
      const count = 1 + Math.floor(this.#random() * 4);
      for (let number = 0; number < count && fields.length > 0; number++) {
        const field = this.#pick(fields);
        const named = getNamedType(field.type);
        const alias = this.#chance(0.2) ? `${this.#pick(this.#aliases)}: ` : '';
        const nested = isLeafType(named) ? '' : ` ${this.#selectionSet(named, depth - 1)}`;
        selections.push(`${alias}${field.name}${this.#arguments(field.args)}${this.#directive()}${nested}`);
      }
    }
    if (depth > 0 && this.#chance(isAbstractType(type) ? 0.9 : 0.15)) {
      const possible = isAbstractType(type) ? this.#schema.getPossibleTypes(type) : [type];
      for (const member of possible) {
        if (this.#chance(0.3)) continue;
        const nested = this.#selectionSet(member, depth - 1);
        if (this.#chance(0.3)) {
          const name = `F${this.#fragments.length}`;
          this.#fragments.push(`fragment ${name} on ${member.name} ${nested}`);
          selections.push(`...${name}${this.#directive()}`);
        } else {
          selections.push(`... on ${member.name}${this.#directive()} ${nested}`);
        }
      }
    }
    return `{ ${selections.length > 0 ? selections.join(' ') : '__typename'} }`;
  }

  #arguments(args: readonly GraphQLArgument[]): string {
    const written = args.flatMap((argument) => {
      const type = String(argument.type);
      if (type.endsWith('!')) return [`${argument.name}: "${this.#pick(['Film-1', 'Song-2', 'X-3'])}"`];
      if (this.#chance(0.5)) return [];
      if (type === 'Int' && this.#chance(0.3)) {
        this.#variables.add('count');
        return [`${argument.name}: $count`];
      }
      if (type === 'Int') return [`${argument.name}: ${this.#pick([1, 2, 7])}`];
      return [`${argument.name}: ${type.startsWith('[') ? '["x", "y"]' : `"${this.#pick(['USD', 'b'])}"`}`];
    });
    return written.length > 0 ? `(${written.join(', ')})` : '';
  }

  #directive(): string {
    if (!this.#conditions || !this.#chance(0.1)) return '';
    const flag = this.#pick(['yes', 'no'] as const);
    this.#variables.add(flag);
    return ` @${this.#pick(['include', 'skip'])}(if: $${flag})`;
  }
}
