import { type ExecutionResult, GraphQLError } from 'graphql';
import { type ConnectionAckMessage, type Message, MessageType, parseMessage } from 'graphql-ws';
import { BoundedQueue } from '../lib/bounded-queue.ts';
import { messageOf, OctographError } from '../lib/errors.ts';
import { ProtocolError } from './close-codes.ts';
import type { GraphqlRequest } from './contract.ts';

/** Operations in flight at most; one more is refused. */
const MAX_OPERATIONS = 1024;

/** Results that a subscription's reader may be behind; beyond it the subscription ends with an error. */
const MAX_RESULTS_BEHIND = 1024;

/** Who waits for the results of one operation. */
interface Sink {
  next(result: ExecutionResult): void;
  complete(): void;
  fail(error: unknown): void;
}

interface Operation {
  sink: Sink;
  subscribe: string;
  /** Stops listening to the caller's signal. */
  release(): void;
}

export interface GraphqlClientOptions {
  nodeName: string;
  send(text: string): void;
}

/** The cloud's end of the graphql channel: the client of graphql-transport-ws, on a connection that the edge dialled. */
export class GraphqlClient {
  readonly #options: GraphqlClientOptions;
  readonly #operations = new Map<string, Operation>();
  #acknowledged = false;
  #lastId = 0;
  #closedBecause: string | undefined;

  constructor(options: GraphqlClientOptions) {
    this.#options = options;
  }

  open(): void {
    this.#send({ type: MessageType.ConnectionInit });
  }

  execute(request: GraphqlRequest): Promise<ExecutionResult> {
    const { nodeName } = this.#options;
    return new Promise((resolve, reject) => {
      let answered = false;
      const stop = this.#start(request, {
        next(result) {
          // A query has one result; whoever executes a subscription gets its first.
          if (answered) stop();
          answered = true;
          resolve(result);
        },
        complete: () =>
          reject(new ProtocolError(`edge node ${nodeName} completed an operation without a result`)),
        fail: reject,
      });
    });
  }

  subscribe(request: GraphqlRequest): AsyncIterableIterator<ExecutionResult> {
    let stop = () => {};
    const queue = new BoundedQueue<ExecutionResult>({
      limit: MAX_RESULTS_BEHIND,
      overflow: 'fail',
      onClose: () => stop(),
    });
    stop = this.#start(request, {
      next: (result) => queue.push(result),
      complete: () => queue.end(),
      fail: (error) => queue.end(error),
    });
    return queue;
  }

  /** @throws ProtocolError when the text is not what a graphql-transport-ws server says */
  receive(text: string): void {
    const message = parse(text);
    switch (message.type) {
      case MessageType.ConnectionAck:
        this.#acknowledge(message);
        return;
      case MessageType.Next:
        // An unknown id is one that we have just completed.
        this.#operations.get(message.id)?.sink.next(toResult(message.payload));
        return;
      case MessageType.Error: {
        const sink = this.#take(message.id)?.sink;
        sink?.next(toResult({ errors: message.payload }));
        sink?.complete();
        return;
      }
      case MessageType.Complete:
        this.#take(message.id)?.sink.complete();
        return;
      case MessageType.Ping:
        this.#send({ type: MessageType.Pong });
        return;
      case MessageType.Pong:
        return;
      default:
        throw new ProtocolError(`graphql: ${message.type} goes from the cloud to the edge`);
    }
  }

  close(reason: string): void {
    this.#closedBecause ??= reason;
    for (const id of [...this.#operations.keys()]) this.#take(id)?.sink.fail(this.#disconnected());
  }

  #acknowledge({ type }: ConnectionAckMessage): void {
    if (this.#acknowledged) throw new ProtocolError(`graphql: a second ${type}`);
    this.#acknowledged = true;
    for (const { subscribe } of this.#operations.values()) this.#options.send(subscribe);
  }

  /** Returns what ends the operation early; harmless when it has ended. */
  #start({ signal, timeoutMs, ...request }: GraphqlRequest, sink: Sink): () => void {
    const refusal = this.#refusal(signal);
    if (refusal) {
      sink.fail(refusal.error);
      return () => {};
    }
    const id = String(++this.#lastId);
    const stop = () => {
      if (this.#take(id) && this.#acknowledged) this.#send({ id, type: MessageType.Complete });
    };
    const abort = () => {
      stop();
      sink.fail(signal?.reason);
    };
    signal?.addEventListener('abort', abort, { once: true });
    const payload = timeoutMs === undefined ? request : { ...request, extensions: { timeoutMs } };
    const operation: Operation = {
      sink,
      subscribe: JSON.stringify({ id, type: MessageType.Subscribe, payload }),
      release: () => signal?.removeEventListener('abort', abort),
    };
    this.#operations.set(id, operation);
    // Before the acknowledgement the server would refuse it; `#acknowledge` sends what waits.
    if (this.#acknowledged) this.#options.send(operation.subscribe);
    return stop;
  }

  #refusal(signal: AbortSignal | undefined): { error: unknown } | undefined {
    if (signal?.aborted) return { error: signal.reason };
    if (this.#closedBecause !== undefined) return { error: this.#disconnected() };
    if (this.#operations.size < MAX_OPERATIONS) return undefined;
    const message = `edge node ${this.#options.nodeName} has ${MAX_OPERATIONS} operations in flight`;
    return { error: new OctographError('EDGE_NODE_BUSY', message) };
  }

  #take(id: string): Operation | undefined {
    const operation = this.#operations.get(id);
    this.#operations.delete(id);
    operation?.release();
    return operation;
  }

  #send(message: object): void {
    this.#options.send(JSON.stringify(message));
  }

  #disconnected(): OctographError {
    const message = `edge node ${this.#options.nodeName} is disconnected: ${this.#closedBecause}`;
    return new OctographError('EDGE_NODE_DISCONNECTED', message);
  }
}

function parse(text: string): Message {
  try {
    return parseMessage(text);
  } catch (error) {
    throw new ProtocolError(`graphql: ${messageOf(error)}`);
  }
}

/** Errors arrive as plain JSON and leave as what `ExecutionResult` promises. */
function toResult({ errors, ...result }: object & { errors?: unknown }): ExecutionResult {
  if (!Array.isArray(errors)) return result;
  return { ...result, errors: errors.map(toError) };
}

function toError(error: unknown): GraphQLError {
  const { message, path, extensions } = (error ?? {}) as { message?: unknown } & Pick<
    Partial<GraphQLError>,
    'path' | 'extensions'
  >;
  return new GraphQLError(String(message), { path, extensions });
}
