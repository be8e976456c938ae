import { type ExecutionResult, GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { Clock } from '../lib/clock.ts';
import { Deadline } from '../lib/deadline.ts';
import { OctographError } from '../lib/errors.ts';
import type { NodeSession } from '../tunnel/contract.ts';
import type { Completeness } from './completeness.ts';
import type { EdgeDialects } from './edge-dialects.ts';
import type { EdgeQuery } from './edge-query.ts';
import type { NodeGate, NodeRequest } from './node-gate.ts';

export interface NodeAskerOptions {
  /** @throws OctographError `EDGE_NODE_OFFLINE` */
  sessionOf(nodeName: string): NodeSession;
  gate: NodeGate;
  dialects: EdgeDialects;
  completeness: Completeness;
  clock: Clock;
  /** The operation's. */
  signal?: AbortSignal;
}

/** Milliseconds that an operation gives to its nodes in all, from the first of its questions: one may follow from another. */
const OPERATION_MS = 30_000;

/** One operation's way to the nodes. It never retries: what a node did not answer, the client is told. */
export class NodeAsker {
  readonly #options: NodeAskerOptions;
  #operation: Deadline | undefined;

  constructor(options: NodeAskerOptions) {
    this.#options = options;
  }

  /**
   * @param mostMs milliseconds that this question may take; less where less is left of the operation's time
   * @throws OctographError `EDGE_NODE_OFFLINE`, `EDGE_NODE_TIMEOUT`, `EDGE_NODE_RESTING`, `EDGE_NODE_DISCONNECTED`
   */
  async ask(
    nodeName: string,
    mostMs: number,
    build: (query: EdgeQuery) => NodeRequest,
  ): Promise<ExecutionResult> {
    const { sessionOf, gate, dialects, completeness, clock, signal } = this.#options;
    completeness.asked(nodeName);
    this.#operation ??= new Deadline(clock, OPERATION_MS);
    const deadline = this.#operation.within(mostMs);
    const { leftMs } = deadline;
    const late = new AbortController();
    const cancel = clock.setTimer(leftMs, () => late.abort(timeoutOf(nodeName, leftMs)));
    try {
      if (leftMs === 0) throw lateFor(nodeName);
      const session = sessionOf(nodeName);
      const request = build(await dialects.queryFor(session));
      return await gate.ask(session, request, {
        deadline,
        signal: signal ? AbortSignal.any([signal, late.signal]) : late.signal,
      });
    } catch (error) {
      completeness.missed(nodeName, error);
      throw error;
    } finally {
      cancel();
    }
  }
  /**
   * Asks about one entity.
   * @param pick what is wanted of it
   * @throws what `ask` throws, and what the node says where it has no answer
   */
  async askEntity<Entity, T>(
    nodeName: string,
    mostMs: number,
    build: (query: EdgeQuery) => NodeRequest,
    pick: (entity: Entity) => T | null | undefined,
  ): Promise<T> {
    const { data, errors } = await this.ask(nodeName, mostMs, build);
    const entity = (data as { _entities?: Array<Entity | null> } | null | undefined)?._entities?.[0];
    const found = entity && pick(entity);
    if (found) return found;
    throw noAnswer(nodeName, errors?.[0]);
  }
}

/** The node's own words, with their code; without any, that there were none. */
export function noAnswer(nodeName: string, error: GraphQLFormattedError | undefined): Error {
  if (error) return new GraphQLError(error.message, { extensions: { ...error.extensions, nodeName } });
  const details = { nodeName };
  return new OctographError('EDGE_NODE_ERROR', `edge node ${nodeName} gave no answer`, { details });
}

function timeoutOf(nodeName: string, ms: number): OctographError {
  const message = `edge node ${nodeName} did not answer within ${ms} ms`;
  return new OctographError('EDGE_NODE_TIMEOUT', message, { details: { nodeName } });
}

function lateFor(nodeName: string): OctographError {
  const message = `edge node ${nodeName} was not asked: the operation's ${OPERATION_MS} ms for edge nodes have passed`;
  return new OctographError('EDGE_NODE_TIMEOUT', message, { details: { nodeName } });
}

/** The node runs another version, which lacks the field: null for that, and the rest works. */
export function schemaMismatch(nodeName: string, field: string): OctographError {
  const message = `edge node ${nodeName} runs another version of Octograph, without ${field}`;
  return new OctographError('EDGE_SCHEMA_MISMATCH', message, { details: { nodeName } });
}
