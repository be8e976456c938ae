import { type ExecutionResult, GraphQLError } from 'graphql';
import { formatError } from './errors.ts';

/** A result as it goes out: encoded once, however many subscribers and transports it has. */
export interface Payload {
  readonly result: ExecutionResult;
  /** The result as JSON in UTF-8. Shared between sockets: never written to. */
  readonly json: Buffer;
  /** What it holds in memory, estimated: the JSON and the objects that it was made from. */
  readonly bytes: number;
}

const objectsPerJsonByte = 4;
const overheadBytes = 512;

/** @param result masked already */
export function createPayload(result: ExecutionResult): Payload {
  const { errors } = result;
  const wire = errors
    ? {
        ...result,
        errors: errors.map((error) => (error instanceof GraphQLError ? formatError(error) : error)),
      }
    : result;
  const text = JSON.stringify(wire);
  // Not from the pool: kept for a while, it would keep the whole slab that frames were cut from.
  const json = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  json.write(text);
  return { result, json, bytes: json.length * (1 + objectsPerJsonByte) + overheadBytes };
}
