import type { ExecutionResult } from 'graphql';
import type { Clock } from '../lib/clock.ts';
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

/** One operation's way to the nodes. It never retries: what a node did not answer, the client is told. */
export class NodeAsker {
  readonly #options: NodeAskerOptions;

  constructor(options: NodeAskerOptions) {
    this.#options = options;
  }

  /** @throws OctographError `EDGE_NODE_OFFLINE`, `EDGE_NODE_TIMEOUT`, `EDGE_NODE_RESTING`, `EDGE_NODE_DISCONNECTED` */
  async ask(
    nodeName: string,
    deadlineMs: number,
    build: (query: EdgeQuery) => NodeRequest,
  ): Promise<ExecutionResult> {
    const { sessionOf, gate, dialects, completeness, clock, signal } = this.#options;
    completeness.asked(nodeName);
    const deadline = new AbortController();
    const cancel = clock.setTimer(deadlineMs, () => deadline.abort(timeoutOf(nodeName, deadlineMs)));
    try {
      const session = sessionOf(nodeName);
      const request = build(await dialects.queryFor(session));
      return await gate.ask(
        session,
        request,
        signal ? AbortSignal.any([signal, deadline.signal]) : deadline.signal,
      );
    } catch (error) {
      completeness.missed(nodeName, error);
      throw error;
    } finally {
      cancel();
    }
  }
}

function timeoutOf(nodeName: string, deadlineMs: number): OctographError {
  const message = `edge node ${nodeName} did not answer within ${deadlineMs} ms`;
  return new OctographError('EDGE_NODE_TIMEOUT', message, { details: { nodeName } });
}

/** The node runs another version, which lacks the field: null for that, and the rest works. */
export function schemaMismatch(nodeName: string, field: string): OctographError {
  const message = `edge node ${nodeName} runs another version of Octograph, without ${field}`;
  return new OctographError('EDGE_SCHEMA_MISMATCH', message, { details: { nodeName } });
}
