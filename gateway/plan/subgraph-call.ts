import type { ExecutionResult } from 'graphql';
import type { MaybePromise, SubgraphExecutor, SubgraphRequest } from './contract.ts';
import type { SubgraphError } from './errors.ts';
import { serviceFailure } from './errors.ts';
import { isObject } from './merge.ts';
import type { ResponsePath } from './paths.ts';
import type { FetchTemplate, Source } from './steps.ts';

/** An error of a subgraph, with its path in that subgraph's response. */
export interface AnswerError extends SubgraphError {
  path?: ResponsePath;
}

/** What came of one request: `failure` where no result came at all. */
export interface Answer {
  data: Source | undefined;
  errors: readonly AnswerError[];
  failure: SubgraphError | undefined;
}

export interface CallContext {
  readonly executors: ReadonlyMap<string, SubgraphExecutor>;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly context: unknown;
  readonly signal: AbortSignal | undefined;
}

/**
 * Sends a fetch with the client's variables it uses and `more`, and hands the answer to `receive`: at once, where the
 * executor answers at once.
 * @throws the signal's reason, once it is aborted.
 */
export function callSubgraph(
  template: FetchTemplate,
  more: Record<string, unknown> | undefined,
  call: CallContext,
  receive: (answer: Answer) => void,
): MaybePromise<void> {
  call.signal?.throwIfAborted();
  let result: ReturnType<SubgraphExecutor>;
  try {
    result = ask(template, more, call);
  } catch (error) {
    return receive(failed(template, error));
  }
  if (!(isObject(result) && 'then' in result)) return receive(answerOf(template, result));
  return result.then(
    (settled) => receive(answerOf(template, settled)),
    (error) => receive(failed(template, error)),
  );
}

export function ask(
  template: FetchTemplate,
  more: Record<string, unknown> | undefined,
  { executors, variables, context, signal }: CallContext,
): ReturnType<SubgraphExecutor> {
  const { service, document, query, operationType, operationName, variableNames } = template;
  const used: Record<string, unknown> = { ...more };
  for (const name of variableNames) if (name in variables) used[name] = variables[name];
  const request: SubgraphRequest = { document, query, variables: used, operationType, context };
  if (operationName !== undefined) request.operationName = operationName;
  if (signal) request.signal = signal;
  const executor = executors.get(service);
  if (!executor) throw new Error(`the plan asks the subgraph "${service}", which has no executor`);
  return executor(request);
}

export function answerOf({ service }: FetchTemplate, result: unknown): Answer {
  const { data, errors } = (isObject(result) ? result : {}) as ExecutionResult;
  const isResult = isObject(data) || data === null || Array.isArray(errors);
  if (!isResult) return failed({ service }, new Error('expected a result with data or errors'));
  return {
    data: isObject(data) ? (data as Source) : undefined,
    errors: Array.isArray(errors) ? errors : [],
    failure: undefined,
  };
}

export function failed({ service }: Pick<FetchTemplate, 'service'>, thrown: unknown): Answer {
  return { data: undefined, errors: [], failure: serviceFailure(service, thrown) };
}
