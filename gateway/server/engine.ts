import type { ExecutionArgs } from 'graphql';
import { createYoga, type Plugin, type YogaServerInstance } from 'graphql-yoga';
import type { Clock } from '../../lib/clock.ts';
import type { Close } from '../../lib/disposables.ts';
import { OctographError } from '../../lib/errors.ts';
import type { OperationStream } from './operation-stream.ts';
import { type Caller, Operations, type OperationsOptions } from './operations.ts';
import { sseBody } from './sse.ts';

/** A caller over HTTP. */
export interface HttpCaller extends Caller {
  /** Where the engine leaves the subscription that it opened, for the response to be written from. */
  opened: { stream?: OperationStream };
  /** Watches the credentials of a subscription; `end` is called when they are worth nothing any more. */
  watch: (end: (reason: string) => void) => Close;
}

interface EngineContext extends HttpCaller {
  /** What `contextFor` returned. */
  own: object;
}

export interface Engine {
  /** Speaks HTTP. */
  http: YogaServerInstance<HttpCaller, { own: object }>;
  operations: Operations;
}

export interface EngineOptions extends OperationsOptions {
  path: string;
  clock: Clock;
}

/** Yoga speaks HTTP, operations run as they do for every transport. */
export function createEngine(options: EngineOptions): Engine {
  const { schema, path, limits, clock } = options;
  const operations = new Operations(options);
  const http = createYoga<HttpCaller, { own: object }>({
    schema,
    graphqlEndpoint: path,
    context: async (caller) => ({ own: await operations.contextFor(caller) }),
    maxRequestBodySize: limits.requestBytes,
    maskedErrors: { maskError: operations.mask, errorMessage: 'Unexpected error.' },
    extraParamNames: ['documentId'],
    plugins: [createPlugin(operations), createSsePlugin(clock, limits.pingMs)],
    // Decided at the door, served elsewhere, or not wanted.
    cors: false,
    graphiql: false,
    landingPage: false,
    batching: false,
    multipart: false,
    parserAndValidationCache: false,
    logging: false,
  });
  return { http, operations };
}

function createPlugin(operations: Operations): Plugin<EngineContext> {
  const withOwn = ({ contextValue, ...rest }: ExecutionArgs): ExecutionArgs => ({
    ...rest,
    contextValue: (contextValue as EngineContext).own,
  });
  const subscribe = async (args: ExecutionArgs) => {
    const caller = args.contextValue as EngineContext;
    const result = await operations.subscribe(withOwn(args), caller);
    if (!(Symbol.asyncIterator in result)) return result;
    const stream = result as OperationStream;
    caller.opened.stream = stream;
    const stopWatching = caller.watch((reason) => stream.fail(new OctographError('UNAUTHENTICATED', reason)));
    caller.abort.signal.addEventListener('abort', stopWatching, { once: true });
    return stream;
  };
  return {
    onParams: ({ params, setParams }) => {
      // What is no object is refused further on.
      if (typeof params !== 'object' || params === null) return;
      const query = operations.textOf(params);
      if (query !== undefined && query !== params.query) setParams({ ...params, query });
    },
    onParse: ({ setParseFn }) => setParseFn((source) => operations.parse(String(source.body ?? source))),
    onValidate: ({ setValidationFn }) =>
      setValidationFn((_schema, document) => operations.validate(document)),
    onExecute: ({ args, setExecuteFn, setResultAndStopExecution }) => {
      const refusal = operations.refusal(args, args.contextValue);
      if (refusal) return setResultAndStopExecution({ errors: [refusal] });
      setExecuteFn((given: ExecutionArgs) => operations.execute(withOwn(given)));
    },
    onSubscribe: ({ args, setSubscribeFn, setResultAndStopExecution }) => {
      const refusal = operations.refusal(args, args.contextValue);
      if (refusal) return setResultAndStopExecution({ errors: [refusal] });
      setSubscribeFn(subscribe);
    },
  };
}

function createSsePlugin(clock: Clock, pingMs: number): Plugin<EngineContext> {
  const eventStream = 'text/event-stream';
  return {
    onResultProcess: ({ serverContext, resultProcessor, setResultProcessor }) => {
      const { stream } = (serverContext as unknown as HttpCaller).opened;
      if (!stream || !resultProcessor) return;
      const headers = { 'content-type': eventStream, connection: 'keep-alive' };
      setResultProcessor(() => new Response(sseBody(stream, { clock, pingMs }), { headers }), eventStream);
    },
    onResponse: ({ response }) => {
      if (!response.headers.get('content-type')?.startsWith(eventStream)) return;
      // A proxy that compresses or buffers would hold events back.
      response.headers.set('cache-control', 'no-cache, no-transform');
      response.headers.set('x-accel-buffering', 'no');
      response.headers.delete('content-encoding');
    },
  };
}
