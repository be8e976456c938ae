import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLError,
  getOperationAST,
} from 'graphql';
import type { SubscribePayload } from 'graphql-ws';
import type { Principal } from './authentication.ts';
import type { Engine } from './engine.ts';
import { ResultStream, singleResult } from './result-stream.ts';

type Results = AsyncIterable<ExecutionResult> | ExecutionResult;

/** Carries a started operation from graphql-ws's `onSubscribe` to its `execute` and `subscribe`. */
export interface StartedOperation extends ExecutionArgs {
  results: Promise<Results>;
}

export interface OperationStart {
  engine: Engine;
  principal: Principal;
  payload: SubscribePayload;
  mask: (error: unknown) => GraphQLError;
  /** Called once, when nothing of the operation runs any more, be its client still there or not. */
  onSettled: () => void;
}

/** Starts an operation through the engine, or returns the errors that refuse it. Never rejects. */
export async function startOperation(
  start: OperationStart,
): Promise<StartedOperation | readonly GraphQLError[]> {
  const { engine, principal, payload, mask, onSettled } = start;
  const abort = new AbortController();
  const refuse = (errors: readonly GraphQLError[]) => {
    onSettled();
    return errors;
  };
  try {
    const enveloped = engine.getEnveloped({ principal, abort });
    const document: DocumentNode = enveloped.parse(payload.query);
    const errors: readonly GraphQLError[] = enveloped.validate(enveloped.schema, document);
    if (errors.length > 0) return refuse(errors);
    const operation = getOperationAST(document, payload.operationName);
    if (!operation) return refuse([unresolved(payload.operationName)]);

    const args: ExecutionArgs = {
      schema: enveloped.schema,
      document,
      operationName: payload.operationName,
      variableValues: payload.variables,
      contextValue: await enveloped.contextFactory(),
    };
    const run = operation.operation === 'subscription' ? enveloped.subscribe : enveloped.execute;
    const running: Promise<Results> = Promise.resolve()
      .then(() => run(args))
      .catch((error) => ({ errors: [mask(error)] }));

    if (operation.operation === 'subscription') {
      abort.signal.addEventListener('abort', onSettled, { once: true });
      const results = running.then((result) => {
        // Without a stream nothing else ends it.
        if (!(Symbol.asyncIterator in result)) abort.abort();
        return result;
      });
      return { ...args, results };
    }
    running.then(onSettled);
    // As a stream of one, a query can be given up by its client: `return` aborts its signal.
    const stream = new ResultStream(singleResult(running as Promise<ExecutionResult>), {
      failed: (error) => ({ errors: [mask(error)] }),
      onEnd: () => abort.abort(),
    });
    return { ...args, results: Promise.resolve(stream) };
  } catch (error) {
    return refuse([mask(error)]);
  }
}

function unresolved(name: string | null | undefined): GraphQLError {
  const message = name
    ? `The document has no operation ${JSON.stringify(name)}.`
    : 'The document has several operations: operationName must say which.';
  return new GraphQLError(message, { extensions: { code: 'OPERATION_RESOLUTION_FAILURE' } });
}
