import type { ExecutionArgs, ExecutionResult, GraphQLSchema } from 'graphql';
import type { Principal } from './authentication.ts';
import type { Authorization } from './authorization.ts';

/** What a resolver's context is made from. */
export interface OperationRequest {
  /**
   * Aborts when the operation is over, be it answered, given up by its client or cut by a shutdown. Each event of a
   * subscription is executed in a context of its own, so there the signal is that of the event.
   */
  signal: AbortSignal;
  /** What the caller may do. */
  authorize: Authorization;
}

/** A schema and how it is executed. */
export interface Endpoint {
  schema: GraphQLSchema;
  /** Default: graphql's own. Gets the same DocumentNode for the same text, so plans can be kept by it. */
  execute?: (args: ExecutionArgs) => ExecutionResult | Promise<ExecutionResult>;
  /** Default: graphql's own. Where its stream has parts (`withParts`), the execution of shared events is shared. */
  subscribe?: (
    args: ExecutionArgs,
  ) =>
    | Promise<AsyncIterable<ExecutionResult> | ExecutionResult>
    | AsyncIterable<ExecutionResult>
    | ExecutionResult;
  /** Builds the context of one execution; executors and resolvers get this very object. */
  contextFor: (principal: Principal, request: OperationRequest) => object | Promise<object>;
  /** What one value of a field costs, by `Type.field`. Default: 1 for objects, 0 for leaves, 10 for a mutation. */
  weights?: Readonly<Record<string, number>>;
}
