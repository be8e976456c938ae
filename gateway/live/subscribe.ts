import { createSourceEventStream, type ExecutionArgs, type ExecutionResult, execute } from 'graphql';
import { withParts } from './event-parts.ts';

export interface SubscribeHooks {
  /** Applied to every result. Default: as it is. */
  mapResult?: (result: ExecutionResult) => ExecutionResult;
}

/** As graphql's own `subscribe`, with a stream that can be taken apart into events and their execution. */
export async function subscribeWithParts(
  args: ExecutionArgs,
  { mapResult = (result) => result }: SubscribeHooks = {},
): Promise<ExecutionResult | AsyncIterableIterator<ExecutionResult>> {
  const source = await createSourceEventStream(args);
  if (!(Symbol.asyncIterator in source)) return mapResult(source);
  const events = (source as AsyncIterable<object>)[Symbol.asyncIterator]();
  const resultOf = (rootValue: object, contextValue: unknown) => {
    const result = execute({ ...args, rootValue, contextValue });
    return result instanceof Promise ? result.then(mapResult) : mapResult(result);
  };
  const stream: AsyncIterableIterator<ExecutionResult> = {
    async next() {
      const { done, value } = await events.next();
      if (done) return { done, value: undefined };
      return { done: false, value: await resultOf(value, args.contextValue) };
    },
    // Not a generator: it must reach the source at once, even while a `next` is waiting.
    async return() {
      await events.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
  return withParts(stream, { events, resultOf });
}
