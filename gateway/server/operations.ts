import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  execute as executeSchema,
  type GraphQLError,
  getOperationAST,
  NoSchemaIntrospectionCustomRule,
  specifiedRules,
  validate,
} from 'graphql';
import { OctographError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import { subscribeWithParts } from '../live/subscribe.ts';
import type { Principal } from './authentication.ts';
import { Authorization, type Authorizer, textOf } from './authorization.ts';
import { DocumentCache } from './document-cache.ts';
import { documentLimitErrors, rootFieldsOf } from './document-limits.ts';
import type { Endpoint, OperationRequest } from './endpoint.ts';
import { createErrorMask, withoutSuggestions } from './errors.ts';
import type { Limits } from './limits.ts';
import { OperationCosts } from './operation-cost.ts';
import type { OperationStream } from './operation-stream.ts';
import { parseDocument } from './parse-document.ts';
import { createPayload, type Payload } from './payload.ts';
import { type DocumentRequest, documentText, type PersistedDocuments } from './persisted-documents.ts';
import type { RateLimit } from './rate-limit.ts';
import { forbidden, noDocument, tooDear, tooFast, unresolved } from './refusals.ts';
import { SubscriptionHub } from './subscription-hub.ts';

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

  /** Ends the subscriptions of those who lost a right that they were opened with; who gained one sees more. */
  async recheck(): Promise<void> {
    for (const [stream, authorize] of this.#authorized) {
      const lost = await authorize.lost();
      if (lost) stream.fail(new OctographError('FORBIDDEN', `the right to ${textOf(lost)} was taken away`));
      else await authorize.renew();
    }
  }

  async execute(args: ExecutionArgs): Promise<ExecutionResult> {
    const result = withCodes(await (this.#options.execute ?? executeSchema)(args));
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
    if (!(Symbol.asyncIterator in result)) return withCodes(result);
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

/** Where nothing was executed the variables or arguments were at fault: graphql-js says which, and leaves the code to us. */
function withCodes<R extends ExecutionResult>(result: R): R {
  if (result.data !== undefined) return result;
  for (const error of result.errors ?? []) error.extensions.code ??= 'BAD_USER_INPUT';
  return result;
}
