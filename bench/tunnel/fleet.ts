import { buildSchema } from 'graphql';
import { silentLogger } from '../../lib/logger.ts';
import { startTunnelClient } from '../../tunnel/client.ts';
import type { FleetPki } from './pki.ts';

/** Many nodes in one process, each with a certificate and a tunnel of its own. It tells when each comes up and goes down. */
const schema = buildSchema('type Query { nothing: String }');

process.on('message', ({ port, nodes }: { port: number; nodes: FleetPki['nodes'] }) => {
  for (const [index, { tls }] of nodes.entries()) {
    startTunnelClient({
      url: `wss://127.0.0.1:${port}`,
      tls: () => tls,
      hello: () => ({
        storeId: `store-${index}`,
        epoch: 1,
        ackedSeq: 0,
        schemaHash: 'abc',
        version: '0.1.0',
      }),
      handler: { onConnected() {}, onMessage() {}, onDisconnected() {} },
      serveGraphql: { schema },
      onStateChange: ({ up, lastError }) =>
        process.send?.({ index, up, lastError, at: performance.timeOrigin + performance.now() }),
      logger: silentLogger,
    });
  }
});
process.on('disconnect', () => process.exit(0));
