import type { OperationParams } from './operations.ts';

/** What a client of graphql-transport-ws may send. Source: PROTOCOL.md of graphql-ws 6. */
export type ClientMessage =
  | { type: 'connection_init'; payload?: Record<string, unknown> }
  | { type: 'ping'; payload?: Record<string, unknown> }
  | { type: 'pong' }
  | { type: 'subscribe'; id: string; payload: OperationParams }
  | { type: 'complete'; id: string };

export const subprotocol = 'graphql-transport-ws';

/** Close codes: those of the protocol, of RFC 6455, and one of ours. */
export const CloseCode = {
  GoingAway: 1001,
  TryAgainLater: 1013,
  BadRequest: 4400,
  Unauthorized: 4401,
  Forbidden: 4403,
  SubprotocolNotAcceptable: 4406,
  InitTimeout: 4408,
  SubscriberExists: 4409,
  /** Ours: the client does not take what was written to it. */
  TooSlow: 4413,
  TooManyInitRequests: 4429,
  InternalError: 4500,
} as const;

/** @throws Error with the reason of a 4400 */
export function parseClientMessage(text: string): ClientMessage {
  const message = parseObject(text);
  const { type, id, payload } = message;
  switch (type) {
    case 'connection_init':
    case 'ping':
      return { type, payload: optionalObject(payload, `payload of ${type}`) };
    case 'pong':
      return { type };
    case 'subscribe':
      return { type, id: idOf(type, id), payload: parseParams(payload) };
    case 'complete':
      return { type, id: idOf(type, id) };
    default:
      throw new Error(`unexpected message type ${brief(type)}`);
  }
}

function parseObject(text: string): Record<string, unknown> {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    throw new Error('a message must be JSON');
  }
  if (!isObject(message)) throw new Error('a message must be a JSON object');
  return message;
}

function parseParams(payload: unknown): OperationParams {
  if (!isObject(payload)) throw new Error('payload of subscribe must be an object');
  const { query, documentId, operationName, variables } = payload;
  const extensions = optionalObject(payload.extensions, 'extensions of subscribe');
  const named = documentId !== undefined || extensions?.persistedQuery !== undefined;
  if (typeof query !== 'string' && !(named && (query === undefined || query === null))) {
    throw new Error('query of subscribe must be a string');
  }
  if (operationName !== undefined && operationName !== null && typeof operationName !== 'string') {
    throw new Error('operationName of subscribe must be a string');
  }
  return {
    query,
    documentId,
    operationName,
    variables: optionalObject(variables, 'variables of subscribe'),
    extensions,
  };
}

function idOf(type: string, id: unknown): string {
  if (typeof id !== 'string' || id === '')
    throw new Error(`id of ${type} must be a string that is not empty`);
  return id;
}

function optionalObject(value: unknown, what: string): Record<string, unknown> | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw new Error(`${what} must be an object`);
  return value;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A close reason holds 123 bytes. */
const brief = (value: unknown): string => String(JSON.stringify(value)).slice(0, 40);
