import { systemClock } from '../../lib/clock.ts';
import { silentLogger } from '../../lib/logger.ts';
import type { CloudSessionHandler, NodeSessionHandler } from '../../tunnel/contract.ts';
import { EdgeLink, type EdgeLinkOptions } from '../../tunnel/edge-link.ts';
import { createMemoryPair, type MemoryPair } from '../../tunnel/memory-pair.ts';
import { NodeSessions, type NodeSessionsOptions } from '../../tunnel/node-sessions.ts';
import { createSubgraph, HELLO, nodeCertificate } from './harness.ts';

export const createNodeSessions = (handler: NodeSessionHandler, options: Partial<NodeSessionsOptions> = {}) =>
  new NodeSessions({
    replicaId: 'replica-1',
    handler,
    pingMs: 10_000,
    handshakeTimeoutMs: 10_000,
    reconnectWindowMs: () => 0,
    clock: systemClock,
    logger: silentLogger,
    ...options,
  });

/** An edge in the same process: each dial makes a pair, whose `a` is the edge; `pairs` holds them, newest last. */
export function startMemoryEdge(
  nodes: NodeSessions,
  nodeName: string,
  handler: CloudSessionHandler,
  options: Partial<EdgeLinkOptions> = {},
) {
  const pairs: MemoryPair[] = [];
  const network = { up: true };
  const link = new EdgeLink({
    dial: ({ opened, failed }) => {
      if (network.up)
        pairs.push(createMemoryPair(opened, (socket) => nodes.accept(socket, nodeCertificate(nodeName))));
      else failed(new Error('no network'));
      return () => {};
    },
    explain: (error) => String(error),
    hello: () => HELLO,
    handler,
    serveGraphql: createSubgraph().serve,
    logger: silentLogger,
    clock: systemClock,
    random: () => 0.5,
    pingMs: 10_000,
    handshakeTimeoutMs: 10_000,
    backoff: { baseMs: 20, capMs: 100, resetAfterMs: 60_000 },
    ...options,
  });
  return { link, pairs, network };
}
