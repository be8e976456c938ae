import type { ExecutionArgs, ExecutionResult, GraphQLError } from 'graphql';
import { type EventParts, partsOf } from '../live/event-parts.ts';
import { pollableOf } from '../live/pollable.ts';
import { isShared } from '../live/shared-event.ts';
import { SharedResults } from '../live/shared-results.ts';
import { type Principal, scopeOf } from './authentication.ts';
import { OperationStream } from './operation-stream.ts';
import { createPayload, type Payload } from './payload.ts';
import { ShareKeys } from './share-key.ts';

export interface SubscriptionHubOptions {
  /** The context of one execution; its signal aborts when that is over. */
  contextFor: (principal: Principal, request: { signal: AbortSignal }) => object | Promise<object>;
  mask: (error: unknown) => GraphQLError;
  /** Payloads of shared events kept for subscribers that are a little behind. */
  sharedBytes: number;
}

/**
 * Delivers subscriptions. Each subscriber has its own sequence: snapshot, updates, gaps. What they share is the execution
 * of one event, and its JSON, per document, operation, variables and authorization scope: a thousand subscribers
 * cost one execution and a thousand writes.
 */
export class SubscriptionHub {
  readonly #options: SubscriptionHubOptions;
  readonly #results: SharedResults<Payload>;
  readonly #keys = new ShareKeys();

  constructor(options: SubscriptionHubOptions) {
    this.#options = options;
    this.#results = new SharedResults(options.sharedBytes);
  }

  /** @param results what `subscribe` of the executor gave for `operation` */
  open(
    results: AsyncIterable<ExecutionResult>,
    operation: ExecutionArgs,
    principal: Principal,
    onEnd: () => void,
  ): OperationStream {
    const parts = partsOf(results);
    const iterator = results[Symbol.asyncIterator]();
    const common = {
      failed: (error: unknown) => createPayload({ errors: [this.#options.mask(error)] }),
      leave: () => iterator.return?.(),
      onEnd,
    };
    if (!parts) {
      const payloadOf = (result: object) => createPayload(this.#masked(result));
      return new OperationStream(pollableOf<object>(iterator), { ...common, payloadOf });
    }
    const key = this.#keys.keyOf(operation, scopeOf(principal));
    const payloadOf = (event: object) => {
      const execute = () => this.#execute(parts, event, principal);
      return isShared(event) ? this.#results.get(key, event, execute) : execute();
    };
    return new OperationStream(pollableOf(parts.events), { ...common, payloadOf });
  }

  async #execute(parts: EventParts, event: object, principal: Principal): Promise<Payload> {
    const { contextFor, mask } = this.#options;
    const abort = new AbortController();
    try {
      const context = await contextFor(principal, { signal: abort.signal });
      return createPayload(this.#masked(await parts.resultOf(event, context)));
    } catch (error) {
      // One event could not be executed; the next one may.
      return createPayload({ errors: [mask(error)] });
    } finally {
      abort.abort();
    }
  }

  #masked(result: ExecutionResult): ExecutionResult {
    return result.errors ? { ...result, errors: result.errors.map(this.#options.mask) } : result;
  }
}
