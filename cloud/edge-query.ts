import { buildSchema, type GraphQLSchema, isObjectType } from 'graphql';

/** What the cloud asks of a twin, as a tree: what a node of another version lacks is left out. */
interface Selection {
  [field: string]: Selection | true;
}

const TWIN: Selection = {
  property: true,
  seq: true,
  observedDesired: { value: true, change: true, setAt: true, setBy: true },
  reported: { value: true, raw: true, quality: true, observedAt: true },
  sync: { state: true, change: true, since: true, reason: true },
  freshness: { source: true, ageMs: true, stale: true },
};

export interface EdgeQuery {
  /** The fields of Twin that the node lacks, `sync.reason`; none where it speaks our version. */
  missing: string[];
  /** Whether the node's subgraph has this field. */
  knows(type: string, field: string): boolean;
  /** A document with so many groups of devices: `d0`, `p0` and `r0` are the variables of the first, `g0` its answer. */
  textFor(groups: number): string;
}

/** The query for nodes of our own version. */
export const OWN_QUERY: EdgeQuery = createQuery(TWIN, [], () => true);

/**
 * The query for a node whose SDL is another: what both know.
 * @throws where the SDL is none
 */
export function queryFor(sdl: string): EdgeQuery {
  // Directives and scalars of federation are not defined in a subgraph's own SDL.
  const schema = buildSchema(sdl, { assumeValidSDL: true });
  const missing: string[] = [];
  const knows = (typeName: string, field: string) => {
    const type = schema.getType(typeName);
    return isObjectType(type) && field in type.getFields();
  };
  return createQuery(prune(schema, 'Twin', TWIN, '', missing), missing, knows);
}

function prune(
  schema: GraphQLSchema,
  typeName: string,
  wanted: Selection,
  path: string,
  missing: string[],
): Selection {
  const type = schema.getType(typeName);
  const fields = isObjectType(type) ? type.getFields() : {};
  const kept: Selection = {};
  for (const [name, inner] of Object.entries(wanted)) {
    const field = fields[name];
    const at = path ? `${path}.${name}` : name;
    if (!field) missing.push(at);
    else
      kept[name] = inner === true ? true : prune(schema, namedTypeOf(String(field.type)), inner, at, missing);
  }
  return kept;
}

function namedTypeOf(type: string): string {
  return type.replace(/[[\]!]/g, '');
}

function createQuery(selection: Selection, missing: string[], knows: EdgeQuery['knows']): EdgeQuery {
  const texts: string[] = [];
  const twin = print(selection);
  return {
    missing,
    knows,
    textFor(groups) {
      texts[groups] ??= documentOf(groups, twin);
      return texts[groups] as string;
    },
  };
}

function documentOf(groups: number, twin: string): string {
  const indexes = Array.from({ length: groups }, (_, index) => index);
  const variables = indexes.map((i) => `$d${i}: [_Any!]!, $p${i}: [String!], $r${i}: ReadMode`).join(', ');
  const fields = indexes.map(
    (i) =>
      `g${i}: _entities(representations: $d${i}) { ... on Device { twins(properties: $p${i}, read: $r${i}) { ${twin} } } }`,
  );
  return `query (${variables}) { ${fields.join(' ')} }`;
}

function print(selection: Selection): string {
  const fields = Object.entries(selection);
  return fields.map(([name, inner]) => (inner === true ? name : `${name} { ${print(inner)} }`)).join(' ');
}
