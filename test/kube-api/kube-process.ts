import { join } from 'node:path';
import { startKubeApi } from '../../kube-api/index.ts';
import { systemClock } from '../../lib/clock.ts';
import { silentLogger } from '../../lib/logger.ts';

// The embedded API in a process of its own, for tests that kill it: `node kube-process.ts <directory> <port>`.
const [directory = '', port = '0'] = process.argv.slice(2);
const api = await startKubeApi({
  stateDir: join(directory, 'state'),
  listen: { host: '127.0.0.1', port: Number(port) },
  kubeconfigPath: join(directory, 'kubeconfig'),
  clock: systemClock,
  logger: silentLogger,
});
process.stdout.write(`${api.port}\n`);
