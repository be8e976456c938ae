import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import type { Closable } from '../../lib/disposables.ts';
import { listen } from '../../lib/listen.ts';
import { waitFor } from '../harness/wait.ts';

/** Eclipse mosquitto, where it is installed. */
export const MOSQUITTO = ['/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto', '/usr/bin/mosquitto'].find(
  existsSync,
);

/** A mosquitto of our own, on a free port of loopback. */
export async function startMosquitto(port?: number): Promise<Closable & { url: string; port: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'octograph-mosquitto-'));
  const ownPort = port ?? (await freePort());
  const config = join(folder, 'mosquitto.conf');
  writeFileSync(config, `listener ${ownPort} 127.0.0.1\nallow_anonymous true\npersistence false\n`);
  const child = spawn(MOSQUITTO as string, ['-c', config], { stdio: 'ignore' });
  const url = `mqtt://127.0.0.1:${ownPort}`;
  await waitFor('mosquitto', async () => {
    const probe = await connectAsync(url, { reconnectPeriod: 0 }, false);
    await probe.endAsync(true);
    return true;
  });
  return {
    url,
    port: ownPort,
    async close() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server, { host: '127.0.0.1', port: 0 }, 'a probe');
  await new Promise((resolve) => server.close(resolve));
  return port;
}
