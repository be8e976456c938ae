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
  readonly #lanes = new Map<string, Lane>();

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
    if (!parts) return this.#openAlone(results[Symbol.asyncIterator](), onEnd);
    const { events } = parts;
    const key = this.#keys.keyOf(operation, scopeOf(principal));
    const lane = this.#join(key, parts, principal);
    return new OperationStream(pollableOf(events), {
      payloadOf: lane.payloadOf,
      failed: this.#failed,
      leave: () => events.return?.(),
      onEnd: () => {
        lane.subscribers--;
        if (lane.subscribers === 0) this.#lanes.delete(key);
        onEnd();
      },
    });
  }

  /** Nothing is known of what the results come from, so nothing is shared. */
  #openAlone(results: AsyncIterator<ExecutionResult>, onEnd: () => void): OperationStream {
    return new OperationStream(pollableOf<object>(results), {
      payloadOf: (result) => createPayload(this.#masked(result)),
      failed: this.#failed,
      leave: () => results.return?.(),
      onEnd,
    });
  }

  /** One way to execute for all who share a key: what the others brought for it is let go, ten thousand times. */
  #join(key: string, { resultOf }: EventParts, principal: Principal): Lane {
    let lane = this.#lanes.get(key);
    if (!lane) {
      const payloadOf = (event: object) => {
        const execute = () => this.#execute(resultOf, event, principal);
        return isShared(event) ? this.#results.get(key, event, execute) : execute();
      };
      lane = { payloadOf, subscribers: 0 };
      this.#lanes.set(key, lane);
    }
    lane.subscribers++;
    return lane;
  }

  async #execute(resultOf: EventParts['resultOf'], event: object, principal: Principal): Promise<Payload> {
    const { contextFor, mask } = this.#options;
    const abort = new AbortController();
    try {
      const context = await contextFor(principal, { signal: abort.signal });
      return createPayload(this.#masked(await resultOf(event, context)));
    } catch (error) {
      // One event could not be executed; the next one may.
      return createPayload({ errors: [mask(error)] });
    } finally {
      abort.abort(OVER);
    }
  }

  readonly #failed = (error: unknown): Payload => createPayload({ errors: [this.#options.mask(error)] });

  #masked(result: ExecutionResult): ExecutionResult {
    return result.errors ? { ...result, errors: result.errors.map(this.#options.mask) } : result;
  }
}

/** Why the signal of an execution aborts. One for all: a new one would be made with its stack for every event. */
const OVER = new DOMException('the execution is over', 'AbortError');

/** The subscribers of one key. */
interface Lane {
  payloadOf: (event: object) => Payload | Promise<Payload>;
  subscribers: number;
}
