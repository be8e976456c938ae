import { createPki, startCloud, startEdge } from './harness.ts';
import { createNodeSessions, startMemoryEdge } from './memory-tunnel.ts';
import { registerSessionContract } from './session-contract.ts';

registerSessionContract('memory', async (handler) => {
  const nodes = createNodeSessions(handler);
  const flushed: Array<() => void> = [];
  const timer = setInterval(() => {
    for (const flush of flushed) flush();
  }, 1);
  return {
    async startEdge(nodeName, { handler, hello, subgraph }) {
      const { link, pairs } = startMemoryEdge(nodes, nodeName, handler, {
        ...(hello && { hello }),
        ...(subgraph && { serveGraphql: subgraph.serve }),
      });
      flushed.push(() => pairs.at(-1)?.flush());
      return link;
    },
    async close() {
      clearInterval(timer);
      nodes.closeAll(1001, 'the gateway is going away');
    },
  };
});

const pki = await createPki();

registerSessionContract('WebSocket and TLS', async (handler) => {
  const server = await startCloud(await pki.server(), handler);
  return {
    async startEdge(nodeName, { handler, hello, subgraph }) {
      return startEdge(server.port, await pki.node(nodeName), handler, {
        ...(hello && { hello }),
        ...(subgraph && { serveGraphql: subgraph.serve }),
      });
    },
    close: () => server.close(),
  };
});
