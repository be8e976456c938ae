import { text } from 'node:stream/consumers';
import { silentLogger } from '../../../lib/logger.ts';
import { startTunnelClient } from '../../../tunnel/client.ts';
import { createSubgraph, HELLO } from '../harness.ts';

/** An edge node's end of the tunnel as a process: settings as JSON on standard input, events on standard output. */
const { tls, url, pingMs } = JSON.parse(await text(process.stdin));
const say = (event: string) => process.stdout.write(`${event}\n`);
startTunnelClient({
  url,
  tls: () => tls,
  hello: () => HELLO,
  pingMs,
  serveGraphql: createSubgraph().serve,
  logger: silentLogger,
  handler: {
    onConnected: () => say('connected'),
    onMessage() {},
    onDisconnected: (reason) => say(`disconnected ${reason}`),
  },
});
