import { text } from 'node:stream/consumers';
import { silentLogger } from '../../../lib/logger.ts';
import { startTunnelServer } from '../../../tunnel/server.ts';

/** A gateway's end of the tunnel as a process: settings as JSON on standard input, events on standard output. */
const { tls, host, pingMs } = JSON.parse(await text(process.stdin));
const say = (event: string) => process.stdout.write(`${event}\n`);
const server = await startTunnelServer({
  listen: { host, port: 0 },
  tls: () => tls,
  replicaId: 'replica-1',
  pingMs,
  logger: silentLogger,
  handler: {
    onConnected: ({ nodeName }) => say(`connected ${nodeName}`),
    onMessage() {},
    onDisconnected: (_session, reason) => say(`disconnected ${reason}`),
  },
});
say(`listening ${server.port}`);
