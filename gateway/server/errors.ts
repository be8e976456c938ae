import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { OctographError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';

/**
 * What a client may see of an error: a GraphQLError as it is, an OctographError as its code and message; anything
 * else becomes "Unexpected error." with `INTERNAL_SERVER_ERROR`, and the log alone holds what happened.
 */
export function createErrorMask(logger: Logger): (error: unknown) => GraphQLError {
  return (error) => {
    const located = error instanceof GraphQLError ? error : undefined;
    const origin = originOf(error);
    if (origin instanceof GraphQLError) return located ?? origin;
    if (origin instanceof OctographError)
      return relocate(located, origin.message, { ...origin.details, code: origin.code });
    logger.error({ err: origin, path: located?.path }, 'unexpected error in an operation');
    // `unexpected` gives HTTP its 500 where there is no data, and is taken off before an error leaves.
    return relocate(located, 'Unexpected error.', { code: 'INTERNAL_SERVER_ERROR', unexpected: true });
  };
}

/** As sent over WebSocket, without the extensions that are meant for the HTTP status. */
export function formatError(error: GraphQLError): GraphQLFormattedError {
  const { extensions, ...formatted } = error.toJSON();
  const { http: _http, unexpected: _unexpected, ...rest } = extensions ?? {};
  return Object.keys(rest).length > 0 ? { ...formatted, extensions: rest } : formatted;
}

/** What was thrown first, below the GraphQLErrors that say where. */
function originOf(error: unknown): unknown {
  return error instanceof GraphQLError && error.originalError ? originOf(error.originalError) : error;
}

function relocate(
  located: GraphQLError | undefined,
  message: string,
  extensions: Record<string, unknown>,
): GraphQLError {
  return new GraphQLError(message, { nodes: located?.nodes, path: located?.path, extensions });
}

/** graphql-js says what it would have liked in places that have no switch for it. */
export function withoutSuggestions(error: GraphQLError): GraphQLError {
  error.message = error.message.replace(/ Did you mean [^?]*\?/g, '');
  return error;
}
