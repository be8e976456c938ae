import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  execute as executeSchema,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  parse,
  validate,
} from 'graphql';
import type { Logger } from '../../lib/logger.ts';
import { subscribeWithParts } from '../live/subscribe.ts';
import type { Principal } from './authentication.ts';
import { DocumentCache } from './document-cache.ts';
import { documentLimitErrors, limitError } from './document-limits.ts';
import { createErrorMask } from './errors.ts';
import type { Limits } from './limits.ts';
import type { OperationStream } from './operation-stream.ts';
import { createPayload, type Payload } from './payload.ts';
import { SubscriptionHub } from './subscription-hub.ts';

/** What a resolver's context is made from. */
export interface OperationRequest {
  /**
   * Aborts when the operation is over, be it answered, given up by its client or cut by a shutdown. Each event of a
   * subscription is executed in a context of its own, so there the signal is that of the event.
   */
  signal: AbortSignal;
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
}

/** What a transport knows of the operation that it asks for. */
export interface Caller {
  principal: Principal;
  abort: AbortController;
}

/** What a client asks for, from a JSON body or a WebSocket message. */
export interface OperationParams {
  query: string;
  operationName?: string | null;
  variables?: Record<string, unknown> | null;
}

export type StartedOperation =
  | { kind: 'refused'; errors: readonly GraphQLError[] }
  | { kind: 'result'; payload: Promise<Payload> }
  | { kind: 'stream'; stream: OperationStream };

export interface OperationsOptions extends Endpoint {
  limits: Limits;
  logger: Logger;
  /** Live subscriptions of all transports; a shutdown ends them. */
  streams: Set<OperationStream>;
}

/** Texts of parsed documents kept: some hundred of the largest, or tens of thousands of usual ones. */
const cachedTextLength = 4_000_000;

/** Errors reported of one document; validation stops there. */
const maxErrors = 20;

/** One way for every operation, whichever transport brought it: parse within limits, validate, rights, context, execute, mask. */
export class Operations {
  readonly mask: (error: unknown) => GraphQLError;
  readonly #options: OperationsOptions;
  readonly #cache = new DocumentCache(cachedTextLength);
  readonly #hub: SubscriptionHub;

  constructor(options: OperationsOptions) {
    this.#options = options;
    this.mask = createErrorMask(options.logger);
    this.#hub = new SubscriptionHub({
      contextFor: options.contextFor,
      mask: this.mask,
      sharedBytes: options.limits.sharedBytes,
    });
  }

  /** @throws GraphQLError */
  parse(text: string): DocumentNode {
    const cached = this.#cache.get(text);
    if (cached) return cached.document;
    const document = parseDocument(text, this.#options.limits);
    this.#cache.add(text, document);
    return document;
  }

  validate(document: DocumentNode): readonly GraphQLError[] {
    const cached = this.#cache.of(document);
    if (cached?.errors) return cached.errors;
    const { schema, limits } = this.#options;
    let errors = documentLimitErrors(document, limits);
    if (errors.length === 0) errors = [...validate(schema, document, undefined, { maxErrors })];
    for (const error of errors) error.extensions.code ??= 'GRAPHQL_VALIDATION_FAILED';
    if (cached) cached.errors = errors;
    return errors;
  }

  /** Why a valid operation is not executed for this caller. */
  refusal({ document, operationName }: ExecutionArgs, { principal }: Caller): GraphQLError | undefined {
    const operation = getOperationAST(document, operationName)?.operation;
    return operation === 'mutation' && principal.rights !== 'write' ? forbidden(principal) : undefined;
  }

  async contextFor({ principal, abort }: Caller): Promise<object> {
    return this.#options.contextFor(principal, { signal: abort.signal });
  }

  execute(args: ExecutionArgs): ExecutionResult | Promise<ExecutionResult> {
    return (this.#options.execute ?? executeSchema)(args) as ExecutionResult | Promise<ExecutionResult>;
  }

  async subscribe(args: ExecutionArgs, { principal, abort }: Caller): Promise<OperationStream | ExecutionResult> {
    const result = await (this.#options.subscribe ?? subscribeWithParts)(args);
    if (!(Symbol.asyncIterator in result)) return result;
    const { streams } = this.#options;
    const stream: OperationStream = this.#hub.open(result, args, principal, () => {
      streams.delete(stream);
      abort.abort();
    });
    streams.add(stream);
    // The client may have gone while the source was being opened.
    if (abort.signal.aborted) await stream.return();
    else abort.signal.addEventListener('abort', () => stream.return(), { once: true });
    return stream;
  }

  /** All of it at once. Never rejects. */
  async start(params: OperationParams, caller: Caller): Promise<StartedOperation> {
    try {
      const document = this.parse(params.query);
      const invalid = this.validate(document);
      if (invalid.length > 0) return { kind: 'refused', errors: invalid };
      const { operationName, variables: variableValues } = params;
      const operation = getOperationAST(document, operationName);
      if (!operation) return { kind: 'refused', errors: [unresolved(operationName)] };
      const { schema } = this.#options;
      const args: ExecutionArgs = { schema, document, operationName, variableValues };
      const refused = this.refusal(args, caller);
      if (refused) return { kind: 'result', payload: Promise.resolve(createPayload({ errors: [refused] })) };
      args.contextValue = await this.contextFor(caller);
      if (operation.operation === 'subscription') return await this.#startStream(args, caller);
      return { kind: 'result', payload: this.#payloadOf(args, caller) };
    } catch (error) {
      return { kind: 'refused', errors: [this.mask(error)] };
    }
  }

  async #startStream(args: ExecutionArgs, caller: Caller): Promise<StartedOperation> {
    const result = await this.subscribe(args, caller);
    if (Symbol.asyncIterator in result) return { kind: 'stream', stream: result as OperationStream };
    caller.abort.abort();
    return { kind: 'result', payload: Promise.resolve(this.#masked(result)) };
  }

  async #payloadOf(args: ExecutionArgs, { abort }: Caller): Promise<Payload> {
    try {
      return this.#masked(await this.execute(args));
    } catch (error) {
      return createPayload({ errors: [this.mask(error)] });
    } finally {
      abort.abort();
    }
  }

  #masked(result: ExecutionResult): Payload {
    const errors = result.errors?.map(this.mask);
    return createPayload(errors ? { ...result, errors } : result);
  }
}

function parseDocument(text: string, limits: Limits): DocumentNode {
  if (text.length > limits.documentLength) {
    throw limitError(
      'LIMIT_DOCUMENT',
      `The document has ${text.length} characters; ${limits.documentLength} are allowed.`,
    );
  }
  try {
    return parse(text, { maxLexicalTokens: limits.tokens });
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    // graphql has no other sign of it than the message.
    if (/more tha[tn] \d+ tokens/.test(error.message)) {
      throw limitError('LIMIT_TOKENS', `The document has more than ${limits.tokens} tokens.`);
    }
    error.extensions.code = 'GRAPHQL_PARSE_FAILED';
    throw error;
  }
}

function forbidden({ name }: Principal): GraphQLError {
  return new GraphQLError(`${name} may read only: mutations need write rights.`, {
    extensions: { code: 'FORBIDDEN', http: { status: 403, spec: true } },
  });
}

function unresolved(name: string | null | undefined): GraphQLError {
  const message = name
    ? `The document has no operation ${JSON.stringify(name)}.`
    : 'The document has several operations: operationName must say which.';
  return new GraphQLError(message, { extensions: { code: 'OPERATION_RESOLUTION_FAILURE' } });
}
