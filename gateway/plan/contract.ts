import type { DocumentNode, ExecutionArgs, ExecutionResult, GraphQLScalarType, GraphQLSchema } from 'graphql';

export type MaybePromise<T> = T | Promise<T>;

/** One operation for one subgraph. */
export interface SubgraphRequest {
  /** The same object for every request of one plan step, so an executor may cache by identity. */
  document: DocumentNode;
  /** `document` as text. */
  query: string;
  /** In the JSON form of the client; what the operation does not use is left out. */
  variables: Record<string, unknown>;
  operationType: 'query' | 'mutation' | 'subscription';
  operationName?: string;
  /** The client operation's `contextValue`. */
  context: unknown;
  /** Aborts when the client's operation is cancelled or its subscription ends. */
  signal?: AbortSignal;
}

/**
 * Executes operations of one subgraph. For a query or a mutation the runtime owns the returned result and builds
 * on it: it must not be handed out twice. Events of a subscription may be shared.
 *
 * A throw or a rejection becomes errors with the code DOWNSTREAM_SERVICE_ERROR. Their message is that of a thrown
 * `GraphQLError`, and a general one for anything else.
 */
export type SubgraphExecutor = (
  request: SubgraphRequest,
) => MaybePromise<ExecutionResult | AsyncIterable<ExecutionResult>>;

export interface PlanRuntimeOptions {
  /** A Federation 2 supergraph, as a composition prints it. */
  supergraphSdl: string;
  /** By subgraph name, as in `@join__graph(name:)`. Every subgraph of the supergraph needs one. */
  executors: Readonly<Record<string, SubgraphExecutor>>;
  /**
   * Custom scalars that clients' literals and variables are held to before a subgraph is asked; they go on as clients
   * write them. Those that are not named take anything: a supergraph knows of a scalar its name alone.
   */
  scalars?: readonly GraphQLScalarType[];
  /**
   * Query plans kept at most, by operation text; the least recently used one goes first.
   * @default 1000
   */
  planCacheSize?: number;
}

/** The client's operation; `schema` and `rootValue` are not looked at. The document must be valid against `schema`. */
export type PlanExecutionArgs = Omit<ExecutionArgs, 'schema'> & {
  schema?: GraphQLSchema;
  /** On abort no further subgraph is asked, and the result rejects with the signal's reason. */
  signal?: AbortSignal;
};

export interface PlanRuntime {
  /** The supergraph as clients see it. */
  readonly schema: GraphQLSchema;
  execute(args: PlanExecutionArgs): Promise<ExecutionResult>;
  subscribe(args: PlanExecutionArgs): Promise<ExecutionResult | AsyncIterableIterator<ExecutionResult>>;
}
