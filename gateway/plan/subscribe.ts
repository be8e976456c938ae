import type { ExecutionResult } from 'graphql';
import { GraphQLError } from 'graphql';
import type { BoundOperation } from './bound-operation.ts';
import type { Execution } from './execute.ts';
import { mergeRoot, runStep } from './execute.ts';
import { deepCopy, isObject } from './merge.ts';
import type { Answer } from './subgraph-call.ts';
import { answerOf, ask, failed } from './subgraph-call.ts';
import { SubscriptionStream } from './subscription-stream.ts';

/**
 * Subscribes at the subgraph that owns the root field, and fetches for each of its events what other subgraphs own.
 * `startExecution` makes the state of one event, so that nothing of an event reaches the next.
 */
export async function startSubscription(
  operation: BoundOperation,
  startExecution: (signal: AbortSignal) => Execution,
  clientSignal: AbortSignal | undefined,
): Promise<ExecutionResult | AsyncIterableIterator<ExecutionResult>> {
  const { subscription, step } = operation.plan;
  if (!subscription) return { errors: [new GraphQLError('Expected a subscription operation.')] };
  const { template } = subscription;
  const ending = new AbortController();
  const signal = clientSignal ? AbortSignal.any([clientSignal, ending.signal]) : ending.signal;

  const executionOf = (answer: Answer): Execution => {
    const execution = startExecution(signal);
    mergeRoot(subscription, [execution.data], answer, execution);
    return execution;
  };
  /** Where there is no event, there is no data, not even null. */
  const refusal = (answer: Answer): ExecutionResult => ({ errors: operation.locate(executionOf(answer)) });

  let source: unknown;
  try {
    source = await ask(template, undefined, startExecution(signal));
  } catch (error) {
    return refusal(failed(template, error));
  }
  if (!isAsyncIterable(source)) {
    const answer = answerOf(template, source);
    const isRefused = answer.failure !== undefined || answer.errors.length > 0;
    return refusal(isRefused ? answer : failed(template, new Error('expected a stream of events')));
  }

  // An event may be shared with other subscriptions, so where it would be changed, a copy is.
  const needsCopy = step !== undefined || template.rewrites.length > 0;
  const stream = new SubscriptionStream({
    source: source[Symbol.asyncIterator](),
    async toResult(event) {
      const answer = answerOf(template, event);
      const execution = executionOf(needsCopy ? { ...answer, data: deepCopy(answer.data) } : answer);
      if (step && answer.data) await runStep(step, execution);
      return operation.respond(execution);
    },
    toFailure: (error) => refusal(failed(template, error)),
    onEnd() {
      clientSignal?.removeEventListener('abort', end);
      ending.abort();
    },
  });
  function end(): void {
    stream.end();
  }
  clientSignal?.addEventListener('abort', end, { once: true });
  if (clientSignal?.aborted) end();
  return stream;
}

const isAsyncIterable = (value: unknown): value is AsyncIterable<ExecutionResult> =>
  isObject(value) && Symbol.asyncIterator in value;
