import type { ExecutionResult } from 'graphql';
import type { Clock } from '../lib/clock.ts';
import type { Deadline } from '../lib/deadline.ts';
import { codeOf, OctographError } from '../lib/errors.ts';
import type { NodeSession } from '../tunnel/contract.ts';

export interface NodeRequest {
  query: string;
  variables: Record<string, unknown>;
}

/** Until when whoever asks waits. */
export interface Patience {
  deadline: Deadline;
  signal: AbortSignal;
}

export interface NodeGateOptions {
  clock: Clock;
  /** Requests in flight to all nodes; further ones wait for a place, within their deadline. */
  concurrency?: number;
  /** Failures in a row after which a node is not asked for a while. */
  failureLimit?: number;
  /** Milliseconds of that while. */
  restMs?: number;
}

interface InFlight {
  answer: Promise<ExecutionResult>;
  waiters: number;
  abort: AbortController;
  /** As the node was told. */
  deadline: Deadline;
}

/**
 * The way of every read to the nodes, for all operations: a cap on what is in flight, one request where several ask the same at
 * the same time, and a breaker per node, so that a node that hangs costs its deadline a few times and not for every query.
 */
export class NodeGate {
  readonly #options: Required<NodeGateOptions>;
  readonly #inFlight = new Map<string, InFlight>();
  readonly #failures = new Map<string, { count: number; openUntil: number }>();
  readonly #waiting: Array<() => void> = [];
  #running = 0;

  constructor(options: NodeGateOptions) {
    this.#options = { concurrency: 256, failureLimit: 5, restMs: 5000, ...options };
  }

  /** @throws OctographError `EDGE_NODE_RESTING`, the signal's reason, or what the session throws */
  async ask(session: NodeSession, request: NodeRequest, patience: Patience): Promise<ExecutionResult> {
    const { deadline, signal } = patience;
    this.#assertAwake(session.nodeName);
    const key = `${session.nodeName} ${session.connectedAt} ${request.query} ${JSON.stringify(request.variables)}`;
    const shared = this.#joinable(key, deadline) ?? this.#start(key, session, request, deadline);
    shared.waiters++;
    try {
      return await untilAborted(shared.answer, signal);
    } finally {
      shared.waiters--;
      // Nobody waits any more: the node need not go on either.
      if (shared.waiters === 0) shared.abort.abort(signal.reason);
    }
  }

  /** Whoever has much more time left than the one who asked first would lose it by joining. */
  #joinable(key: string, deadline: Deadline): InFlight | undefined {
    const shared = this.#inFlight.get(key);
    return shared && shared.deadline.leftMs >= deadline.leftMs / 2 ? shared : undefined;
  }

  #start(key: string, session: NodeSession, request: NodeRequest, deadline: Deadline): InFlight {
    const abort = new AbortController();
    const answer = this.#run(session, request, { deadline, signal: abort.signal }).finally(() => {
      if (this.#inFlight.get(key) === shared) this.#inFlight.delete(key);
    });
    // Who waits handles it; when nobody waits any more, nobody has to.
    answer.catch(() => {});
    const shared = { answer, waiters: 0, abort, deadline };
    this.#inFlight.set(key, shared);
    return shared;
  }

  async #run(
    session: NodeSession,
    request: NodeRequest,
    { deadline, signal }: Patience,
  ): Promise<ExecutionResult> {
    await this.#place();
    try {
      const result = await session.execute({ ...request, timeoutMs: deadline.leftMs, signal });
      this.#failures.delete(session.nodeName);
      return result;
    } catch (error) {
      this.#count(session.nodeName, signal);
      throw error;
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }

  async #place(): Promise<void> {
    if (this.#running >= this.#options.concurrency)
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running++;
  }

  /** Only silence counts: a link that ended, or a client that went away, says nothing about how the node answers. */
  #count(nodeName: string, signal: AbortSignal): void {
    if (codeOf(signal.reason) !== 'EDGE_NODE_TIMEOUT') return;
    const { clock, failureLimit, restMs } = this.#options;
    const count = (this.#failures.get(nodeName)?.count ?? 0) + 1;
    this.#failures.set(nodeName, {
      count,
      openUntil: count >= failureLimit ? clock.monotonic() + restMs : 0,
    });
  }

  #assertAwake(nodeName: string): void {
    const failures = this.#failures.get(nodeName);
    if (!failures || this.#options.clock.monotonic() >= failures.openUntil) return;
    const message = `edge node ${nodeName} left ${failures.count} requests unanswered: it is not asked for a moment`;
    throw new OctographError('EDGE_NODE_RESTING', message, { details: { nodeName } });
  }
}

function untilAborted<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
