import { silentLogger } from '../../lib/logger.ts';
import { startTunnelServer, type TunnelServer } from '../../tunnel/server.ts';

/** The gateway's end as a process. It is told what to listen on, and asked for its figures. */
let server: TunnelServer | undefined;
const sessions = new Set<unknown>();
let admitted = 0;

process.on('message', async ({ start }: { start?: { port: number; tls: never; fleetSize: number } }) => {
  if (start) {
    server = await startTunnelServer({
      listen: { host: '127.0.0.1', port: start.port },
      tls: () => start.tls,
      replicaId: 'replica-1',
      fleetSize: () => start.fleetSize,
      logger: silentLogger,
      handler: {
        onConnected(session) {
          sessions.add(session);
          admitted++;
        },
        onMessage() {},
        onDisconnected: (session) => void sessions.delete(session),
      },
    });
    process.send?.({ port: server.port });
    return;
  }
  globalThis.gc?.();
  const { user, system } = process.cpuUsage();
  process.send?.({
    sessions: sessions.size,
    admitted,
    accepted: server?.accepted,
    shed: server?.shed,
    rss: process.memoryUsage.rss(),
    cpuMs: (user + system) / 1000,
  });
});
process.on('disconnect', () => process.exit(0));
