import type { DocumentNode } from 'graphql';
import type { SubgraphRequest } from './contract.ts';

/** Names: only keys of objects that came from outside. */
export type Source = Record<string, unknown>;

/** A way through the merged data to the objects that a step works on. */
export type PlanPath = readonly PlanPathSegment[];
export type PlanPathSegment =
  | { kind: 'field'; name: string }
  | { kind: 'items' }
  | { kind: 'type'; conditions: readonly string[] };

/** A field or type of an entity that a representation carries. */
export type Requirement =
  | { kind: 'field'; name: string; as: string; requirements: readonly Requirement[] | undefined }
  | { kind: 'type'; condition: string; requirements: readonly Requirement[] };

/** A change to a request's representations or to a response, before it is merged. */
export interface Rewrite {
  path: readonly ({ kind: 'key'; key: string } | { kind: 'type'; conditions: readonly string[] })[];
  key: string;
  effect: { kind: 'rename'; to: string } | { kind: 'set'; value: string };
}

/** The response names that a fetch selects, under the type condition they are for. */
export interface FetchedNames {
  condition: string | undefined;
  names: readonly string[];
}

/** One operation of a subgraph, ready to send. */
export interface FetchTemplate {
  service: string;
  document: DocumentNode;
  query: string;
  operationType: SubgraphRequest['operationType'];
  operationName: string | undefined;
  variableNames: readonly string[];
  /** Rewrites of the whole response data. */
  rewrites: readonly Rewrite[];
}

/** Fields of the root type: `path` leads to where the client selected it, empty for the root itself. */
export interface RootFetch {
  kind: 'root-fetch';
  template: FetchTemplate;
  path: PlanPath;
  names: readonly string[];
}

/** Fields of entities: one `_entities` field per group. */
export interface EntityFetch {
  kind: 'entity-fetch';
  template: FetchTemplate;
  groups: readonly EntityGroup[];
}

export interface EntityGroup {
  /** The response name of its `_entities` field, and the variable with its representations. */
  alias: string;
  variable: string;
  paths: readonly PlanPath[];
  requirements: readonly Requirement[];
  inputRewrites: readonly Rewrite[];
  /** Rewrites of the entities of this group. */
  outputRewrites: readonly Rewrite[];
  names: readonly FetchedNames[];
}

export type Step =
  | { kind: 'sequence'; steps: readonly Step[] }
  | { kind: 'parallel'; steps: readonly Step[] }
  | RootFetch
  | EntityFetch;

/** What is to be done for an operation. A subscription's `step` runs for each of its events. */
export interface CompiledPlan {
  subscription: RootFetch | undefined;
  step: Step | undefined;
}
