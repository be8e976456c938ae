import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  execute as executeSchema,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  NoSchemaIntrospectionCustomRule,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import { OctographError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import { subscribeWithParts } from '../live/subscribe.ts';
import type { Principal } from './authentication.ts';
import { Authorization, type Authorizer, textOf } from './authorization.ts';
import { DocumentCache } from './document-cache.ts';
import { documentLimitErrors, limitError, rootFieldsOf } from './document-limits.ts';
import { createErrorMask } from './errors.ts';
import type { Limits } from './limits.ts';
import { OperationCosts } from './operation-cost.ts';
import type { OperationStream } from './operation-stream.ts';
import { createPayload, type Payload } from './payload.ts';
import { type DocumentRequest, documentText, type PersistedDocuments } from './persisted-documents.ts';
import type { RateLimit } from './rate-limit.ts';
import { SubscriptionHub } from './subscription-hub.ts';

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

/** What a transport knows of the operation that it asks for. */
export interface Caller {
  principal: Principal;
  abort: AbortController;
  /** Made with the context. */
  authorize?: Authorization;
}

/** What a client asks for, from a JSON body or a WebSocket message. */
export interface OperationParams extends DocumentRequest {
  operationName?: string | null;
  variables?: Record<string, unknown> | null;
}

export type StartedOperation =
  | { kind: 'refused'; errors: readonly GraphQLError[] }
  | { kind: 'result'; payload: Promise<Payload> }
  | { kind: 'stream'; stream: OperationStream };

export interface OperationsOptions extends Endpoint {
  limits: Limits;
  authorizer?: Authorizer;
  rateLimit: RateLimit;
  persisted?: PersistedDocuments;
  /** No introspection, and no suggestions in errors. */
  hardened?: boolean;
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
  readonly #costs: OperationCosts;
  readonly #hub: SubscriptionHub;
  readonly #authorized = new Map<OperationStream, Authorization>();

  constructor(options: OperationsOptions) {
    this.#options = options;
    const mask = createErrorMask(options.logger);
    this.mask = options.hardened ? (error) => withoutSuggestions(mask(error)) : mask;
    this.#costs = new OperationCosts(options.schema, {
      weights: options.weights,
      listSize: options.limits.listSize,
    });
    this.#hub = new SubscriptionHub({
      contextFor: (principal, request) =>
        options.contextFor(principal, this.#request(principal, request.signal)),
      mask: this.mask,
      sharedBytes: options.limits.sharedBytes,
    });
  }

  /** The document that a request asks for; undefined where it names none. @throws GraphQLError */
  textOf(request: DocumentRequest): string | undefined {
    return documentText(request, this.#options.persisted);
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
    const { schema, limits, hardened: hideSuggestions } = this.#options;
    let errors = documentLimitErrors(document, limits);
    if (errors.length === 0) {
      const rules = hideSuggestions ? [...specifiedRules, NoSchemaIntrospectionCustomRule] : specifiedRules;
      errors = [...validate(schema, document, rules, { maxErrors, hideSuggestions })];
    }
    for (const error of errors) error.extensions.code ??= 'GRAPHQL_VALIDATION_FAILED';
    if (cached) cached.errors = errors;
    return errors;
  }

  /** Why a valid operation is not executed for this caller, now or at all. */
  refusal(args: ExecutionArgs, { principal }: Caller): GraphQLError | undefined {
    const { document, operationName, variableValues } = args;
    const operation = getOperationAST(document, operationName);
    if (!operation) return undefined;
    if (operation.operation === 'mutation' && principal.rights !== 'write') return forbidden(principal);
    const { rateLimit, limits } = this.#options;
    const waitMs = rateLimit.take(principal.name, rootFieldsOf(document, operation));
    if (waitMs > 0) return tooFast(principal, limits.rootFieldsPerSecond, waitMs);
    const requested = this.#costs.costOf(document, operation, variableValues);
    return requested > limits.cost ? tooDear(requested, limits.cost) : undefined;
  }

  async contextFor(caller: Caller): Promise<object> {
    const { principal, abort } = caller;
    const request = this.#request(principal, abort.signal);
    caller.authorize = request.authorize;
    return this.#options.contextFor(principal, request);
  }

  /** Ends the subscriptions of those who lost a right that they were opened with. */
  async recheck(): Promise<void> {
    for (const [stream, authorize] of this.#authorized) {
      const lost = await authorize.lost();
      if (lost) stream.fail(new OctographError('FORBIDDEN', `the right to ${textOf(lost)} was taken away`));
    }
  }

  async execute(args: ExecutionArgs): Promise<ExecutionResult> {
    const result = await (this.#options.execute ?? executeSchema)(args);
    const { document, operationName, variableValues } = args;
    const operation = getOperationAST(document, operationName);
    if (!operation) return result;
    const requested = this.#costs.costOf(document, operation, variableValues);
    const cost = { requested, limit: this.#options.limits.cost };
    return { ...result, extensions: { ...result.extensions, cost } };
  }

  async subscribe(
    args: ExecutionArgs,
    { principal, abort, authorize }: Caller,
  ): Promise<OperationStream | ExecutionResult> {
    const result = await (this.#options.subscribe ?? subscribeWithParts)(args);
    if (!(Symbol.asyncIterator in result)) return result;
    const { streams } = this.#options;
    const stream: OperationStream = this.#hub.open(result, args, principal, () => {
      streams.delete(stream);
      this.#authorized.delete(stream);
      abort.abort();
    });
    streams.add(stream);
    if (authorize) this.#authorized.set(stream, authorize);
    // The client may have gone while the source was being opened.
    if (abort.signal.aborted) await stream.return();
    else abort.signal.addEventListener('abort', () => stream.return(), { once: true });
    return stream;
  }

  /** All of it at once. Never rejects. */
  async start(params: OperationParams, caller: Caller): Promise<StartedOperation> {
    try {
      const text = this.textOf(params);
      if (text === undefined) return { kind: 'refused', errors: [noDocument()] };
      const document = this.parse(text);
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

  #request(principal: Principal, signal: AbortSignal): OperationRequest {
    return { signal, authorize: new Authorization(principal, this.#options.authorizer) };
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

function tooFast({ name }: Principal, perSecond: number, waitMs: number): GraphQLError {
  const headers = { 'retry-after': String(Math.ceil(waitMs / 1000)) };
  return new GraphQLError(`${name} asks for more than ${perSecond} root fields per second.`, {
    extensions: { code: 'LIMIT_RATE', retryAfterMs: waitMs, http: { status: 429, headers } },
  });
}

function tooDear(requested: number, limit: number): GraphQLError {
  return new GraphQLError(`The operation may cost ${requested}; ${limit} are allowed.`, {
    extensions: { code: 'LIMIT_COST', cost: { requested, limit }, http: { status: 400, spec: true } },
  });
}

const noDocument = (): GraphQLError =>
  new GraphQLError('The request has neither a query nor the id of a document.', {
    extensions: { code: 'BAD_REQUEST' },
  });

/** graphql-js says what it would have liked in places that have no switch for it. */
function withoutSuggestions(error: GraphQLError): GraphQLError {
  error.message = error.message.replace(/ Did you mean [^?]*\?/g, '');
  return error;
}

function unresolved(name: string | null | undefined): GraphQLError {
  const message = name
    ? `The document has no operation ${JSON.stringify(name)}.`
    : 'The document has several operations: operationName must say which.';
  return new GraphQLError(message, { extensions: { code: 'OPERATION_RESOLUTION_FAILURE' } });
}
