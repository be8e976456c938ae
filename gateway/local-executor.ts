import { type ExecutionArgs, type ExecutionResult, execute, GraphQLError, type GraphQLSchema } from 'graphql';
import type { Logger } from '../lib/logger.ts';
import { subscribeWithParts } from './live/subscribe.ts';
import type { SubgraphExecutor } from './plan/contract.ts';
import { createErrorMask } from './server/errors.ts';

/**
 * A subgraph that lives in this process. What its resolvers throw is masked here already: behind the plan runtime an
 * error is only a message with a path, and nobody could tell a bug from an answer.
 */
export function createLocalExecutor(schema: GraphQLSchema, logger: Logger): SubgraphExecutor {
  const mask = createErrorMask(logger);
  const masked = (result: ExecutionResult): ExecutionResult =>
    result.errors ? { ...result, errors: result.errors.map((error) => withoutPlace(mask(error))) } : result;
  return async ({ document, variables, operationType, context }) => {
    const args: ExecutionArgs = { schema, document, variableValues: variables, contextValue: context };
    if (operationType !== 'subscription') {
      const result = execute(args);
      return result instanceof Promise ? result.then(masked) : masked(result);
    }
    return subscribeWithParts(args, { mapResult: masked });
  };
}

/** Line and column are those of the plan's own document: to the client they would name a place in another text. */
const withoutPlace = ({ message, path, extensions }: GraphQLError) =>
  new GraphQLError(message, { path, extensions });
