import { GraphQLError } from 'graphql';
import type { Principal } from './authentication.ts';

export function forbidden({ name }: Principal): GraphQLError {
  return new GraphQLError(`${name} may read only: mutations need write rights.`, {
    extensions: { code: 'FORBIDDEN', http: { status: 403, spec: true } },
  });
}

export function tooFast({ name }: Principal, perSecond: number, waitMs: number): GraphQLError {
  const headers = { 'retry-after': String(Math.ceil(waitMs / 1000)) };
  return new GraphQLError(`${name} asks for more than ${perSecond} root fields per second.`, {
    extensions: { code: 'LIMIT_RATE', retryAfterMs: waitMs, http: { status: 429, headers } },
  });
}

export function tooDear(requested: number, limit: number): GraphQLError {
  return new GraphQLError(`The operation may cost ${requested}; ${limit} are allowed.`, {
    extensions: { code: 'LIMIT_COST', cost: { requested, limit }, http: { status: 400, spec: true } },
  });
}

export const noDocument = (): GraphQLError =>
  new GraphQLError('The request has neither a query nor the id of a document.', {
    extensions: { code: 'BAD_REQUEST' },
  });

export function unresolved(name: string | null | undefined): GraphQLError {
  const message = name
    ? `The document has no operation ${JSON.stringify(name)}.`
    : 'The document has several operations: operationName must say which.';
  return new GraphQLError(message, { extensions: { code: 'OPERATION_RESOLUTION_FAILURE' } });
}
