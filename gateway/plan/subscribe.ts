import type { ExecutionResult } from 'graphql';
import { GraphQLError } from 'graphql';
import { partsOf, withParts } from '../live/event-parts.ts';
import type { BoundOperation } from './bound-operation.ts';
import type { Execution } from './execute.ts';
import { mergeRoot, runStep } from './execute.ts';
import { deepCopy, isObject } from './merge.ts';
import type { Answer } from './subgraph-call.ts';
import { answerOf, ask, failed } from './subgraph-call.ts';
import { SubscriptionStream } from './subscription-stream.ts';

/**
 * Subscribes at the subgraph that owns the root field, and fetches for each of its events what other subgraphs own.
 * `startExecution` makes the state of one event, so that nothing of an event reaches the next. Where the subgraph's stream
 * can be taken apart into events and their execution, so can the result: then each event brings its own context.
 */
export async function startSubscription(
  operation: BoundOperation,
  startExecution: (signal: AbortSignal | undefined, context?: unknown) => Execution,
  clientSignal: AbortSignal | undefined,
): Promise<ExecutionResult | AsyncIterableIterator<ExecutionResult>> {
  const { subscription, step } = operation.plan;
  if (!subscription) return { errors: [new GraphQLError('Expected a subscription operation.')] };
  const { template } = subscription;
  const ending = new AbortController();
  const signal = clientSignal ? AbortSignal.any([clientSignal, ending.signal]) : ending.signal;

  const begin = (answer: Answer, execution: Execution): Execution => {
    mergeRoot(subscription, [execution.data], answer, execution);
    return execution;
  };
  /** Where there is no event, there is no data, not even null. */
  const refusal = (answer: Answer): ExecutionResult => ({
    errors: operation.locate(begin(answer, startExecution(signal))),
  });

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
  const respondTo = async (event: unknown, fresh: Execution): Promise<ExecutionResult> => {
    const answer = answerOf(template, event);
    const execution = begin(needsCopy ? { ...answer, data: deepCopy(answer.data) } : answer, fresh);
    if (step && answer.data) await runStep(step, execution);
    return operation.respond(execution);
  };
  const events = source[Symbol.asyncIterator]();
  const heedSignal = () => {
    clientSignal?.addEventListener('abort', end, { once: true });
    if (clientSignal?.aborted) end();
  };
  const stream = new SubscriptionStream({
    source: {
      next() {
        heedSignal();
        return events.next();
      },
      return: () => events.return?.() ?? Promise.resolve({ done: true, value: undefined }),
    },
    toResult: (event) => respondTo(event, startExecution(signal)),
    toFailure: (error) => refusal(failed(template, error)),
    onEnd() {
      clientSignal?.removeEventListener('abort', end);
      ending.abort();
    },
  });
  function end(): void {
    stream.end();
  }
  const parts = partsOf(source);
  if (!parts) {
    heedSignal();
    return stream;
  }
  // Whoever takes it apart ends the events; the signal is for who iterates.
  return withParts(stream, {
    events: parts.events,
    // No signal: whoever shares an execution does not cancel it for the others.
    resultOf: async (event, context) =>
      respondTo(await parts.resultOf(event, context), startExecution(undefined, context)),
  });
}

const isAsyncIterable = (value: unknown): value is AsyncIterable<ExecutionResult> =>
  isObject(value) && Symbol.asyncIterator in value;
