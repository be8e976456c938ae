import { type ExecutionResult, GraphQLError } from 'graphql';
import { formatError } from './errors.ts';

/** A result as it goes out: encoded once, however many subscribers and transports it has. */
export interface Payload {
  readonly result: ExecutionResult;
  /** The result as JSON in UTF-8. Shared between sockets: never written to. */
  readonly json: Buffer;
  readonly bytes: number;
}

/** @param result masked already */
export function createPayload(result: ExecutionResult): Payload {
  const { errors } = result;
  const wire = errors
    ? { ...result, errors: errors.map((error) => (error instanceof GraphQLError ? formatError(error) : error)) }
    : result;
  const json = Buffer.from(JSON.stringify(wire));
  return { result, json, bytes: json.length };
}
