import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  execute as executeSchema,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  parse,
  subscribe as subscribeSchema,
  validate,
} from 'graphql';
import { createYoga, type Plugin, type YogaServerInstance } from 'graphql-yoga';
import type { Logger } from '../../lib/logger.ts';
import type { Principal } from './authentication.ts';
import { DocumentCache } from './document-cache.ts';
import { documentLimitErrors, limitError } from './document-limits.ts';
import { createErrorMask } from './errors.ts';
import type { Limits } from './limits.ts';
import { ResultStream } from './result-stream.ts';

/** What a resolver's context is made from. */
export interface OperationRequest {
  /** Aborts when the operation is over, be it answered, given up by its client or cut by a shutdown. */
  signal: AbortSignal;
}

/** A schema and how it is executed. */
export interface Endpoint {
  schema: GraphQLSchema;
  /** Default: graphql's own. Gets the same DocumentNode for the same text, so plans can be kept by it. */
  execute?: (args: ExecutionArgs) => ExecutionResult | Promise<ExecutionResult>;
  /** Default: graphql's own. */
  subscribe?: (
    args: ExecutionArgs,
  ) =>
    | Promise<AsyncIterable<ExecutionResult> | ExecutionResult>
    | AsyncIterable<ExecutionResult>
    | ExecutionResult;
  /** Builds the context of one operation; executors and resolvers get this very object. */
  contextFor: (principal: Principal, request: OperationRequest) => object | Promise<object>;
}

/** What a transport knows of the operation that it asks for. */
export interface Caller {
  principal: Principal;
  abort: AbortController;
}

interface EngineContext extends Caller {
  /** What `contextFor` returned. */
  own: object;
}

export type Engine = YogaServerInstance<Caller, { own: object }>;

export interface EngineOptions extends Endpoint {
  path: string;
  limits: Limits;
  logger: Logger;
  /** Live subscriptions of all transports; a shutdown ends them. */
  streams: Set<ResultStream>;
}

/** Texts of parsed documents kept: some hundred of the largest, or tens of thousands of usual ones. */
const cachedTextLength = 4_000_000;

/** Errors reported of one document; validation stops there. */
const maxErrors = 20;

/**
 * One way for every operation, whichever transport brought it: parse within limits, validate, rights, context,
 * execute, mask. Yoga holds it together and speaks HTTP; WebSockets enter through `getEnveloped`.
 */
export function createEngine(options: EngineOptions): Engine {
  const { schema, path, limits, logger, contextFor } = options;
  return createYoga<Caller, { own: object }>({
    schema,
    graphqlEndpoint: path,
    context: async ({ principal, abort }) => ({ own: await contextFor(principal, { signal: abort.signal }) }),
    maxRequestBodySize: limits.requestBytes,
    maskedErrors: { maskError: createErrorMask(logger), errorMessage: 'Unexpected error.' },
    plugins: [createPlugin(options)],
    // Decided at the door, served elsewhere, or not wanted.
    cors: false,
    graphiql: false,
    landingPage: false,
    batching: false,
    multipart: false,
    parserAndValidationCache: false,
    logging: false,
  });
}

function createPlugin(options: EngineOptions): Plugin<EngineContext> {
  const { limits, logger, streams } = options;
  const { execute = executeSchema, subscribe = subscribeSchema } = options;
  const cache = new DocumentCache(cachedTextLength);
  const mask = createErrorMask(logger);

  const parseWithinLimits = (text: string): DocumentNode => {
    const cached = cache.get(text);
    if (cached) return cached.document;
    const document = parseDocument(text, limits);
    cache.add(text, document);
    return document;
  };

  const validateWithinLimits = (schema: GraphQLSchema, document: DocumentNode): readonly GraphQLError[] => {
    const cached = cache.of(document);
    if (cached?.errors) return cached.errors;
    let errors = documentLimitErrors(document, limits);
    if (errors.length === 0) errors = [...validate(schema, document, undefined, { maxErrors })];
    for (const error of errors) error.extensions.code ??= 'GRAPHQL_VALIDATION_FAILED';
    if (cached) cached.errors = errors;
    return errors;
  };

  const subscribeTracked = async (args: ExecutionArgs) => {
    const { own, abort } = args.contextValue as EngineContext;
    const result = await subscribe({ ...args, contextValue: own });
    if (!(Symbol.asyncIterator in result)) return result;
    const stream: ResultStream = new ResultStream(result[Symbol.asyncIterator](), {
      failed: (error) => ({ errors: [mask(error)] }),
      onEnd: () => {
        streams.delete(stream);
        abort.abort();
      },
    });
    streams.add(stream);
    // The client may have gone while the source was being opened.
    if (abort.signal.aborted) await stream.return();
    else abort.signal.addEventListener('abort', () => stream.return(), { once: true });
    return stream;
  };

  return {
    onParse: ({ setParseFn }) => setParseFn((source) => parseWithinLimits(String(source.body ?? source))),
    onValidate: ({ setValidationFn }) => setValidationFn(validateWithinLimits),
    onExecute: ({ args, setExecuteFn, setResultAndStopExecution }) => {
      const { principal } = args.contextValue;
      const operation = getOperationAST(args.document, args.operationName)?.operation;
      if (operation === 'mutation' && principal.rights !== 'write') {
        return setResultAndStopExecution({ errors: [forbidden(principal)] });
      }
      setExecuteFn(({ contextValue, ...rest }: ExecutionArgs) =>
        execute({ ...rest, contextValue: (contextValue as EngineContext).own }),
      );
    },
    onSubscribe: ({ setSubscribeFn }) => setSubscribeFn(subscribeTracked),
    onResponse: ({ response }) => {
      if (!response.headers.get('content-type')?.startsWith('text/event-stream')) return;
      // A proxy that compresses or buffers would hold events back.
      response.headers.set('cache-control', 'no-cache, no-transform');
      response.headers.set('x-accel-buffering', 'no');
      response.headers.delete('content-encoding');
    },
  };
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
