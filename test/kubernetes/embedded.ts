import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type KubeApi, startKubeApi } from '../../kube-api/index.ts';
import { type Cluster, startCluster } from '../../kubernetes/cluster.ts';
import { systemClock } from '../../lib/clock.ts';
import { silentLogger } from '../../lib/logger.ts';
import { waitFor } from '../harness/wait.ts';

/** What every part of the gateway's Kubernetes side starts with. */
export const SHARED = { clock: systemClock, random: Math.random, logger: silentLogger };

export interface Embedded {
  cluster: Cluster;
  kubeconfig: string;
  stop(): Promise<void>;
  /** On the same port and state. */
  start(): Promise<void>;
  /** Copies all that the API holds; calling what is returned brings it back. Both while it is stopped. */
  backup(): () => void;
}

/** The embedded Kubernetes API, and a Cluster that follows it. */
export async function startEmbedded(): Promise<Embedded> {
  const folder = mkdtempSync(join(tmpdir(), 'octograph-cluster-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const kubeconfig = join(folder, 'kubeconfig');
  const stateDir = join(folder, 'state');
  let api: KubeApi | undefined;
  let port = 0;
  const start = async () => {
    api = await startKubeApi({
      stateDir,
      listen: { host: '127.0.0.1', port },
      kubeconfigPath: kubeconfig,
      clock: systemClock,
      logger: silentLogger,
    });
    port = api.port;
  };
  const stop = async () => {
    await api?.close();
    api = undefined;
  };
  const backup = () => {
    const copy = join(folder, 'backup');
    cpSync(stateDir, copy, { recursive: true });
    return () => {
      rmSync(stateDir, { recursive: true });
      cpSync(copy, stateDir, { recursive: true });
    };
  };
  await start();
  onTestFinished(stop);
  const cluster = startCluster({ source: { kubeconfig }, ...SHARED });
  onTestFinished(() => cluster.close());
  await waitFor('all caches', () =>
    cluster.ready().every(({ ok, detail }) => ok && detail.endsWith('objects')),
  );
  return { cluster, kubeconfig, start, stop, backup };
}
