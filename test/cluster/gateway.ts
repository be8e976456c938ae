import { afterAll, beforeAll } from 'vitest';
import { type Cluster as Followed, startCluster } from '../../kubernetes/cluster.ts';
import { systemClock } from '../../lib/clock.ts';
import { silentLogger } from '../../lib/logger.ts';
import { waitFor } from '../harness/wait.ts';
import { type Cluster, useCluster } from '../kube-api/cluster.ts';

/** What every part of the gateway's Kubernetes side starts with. */
export const SHARED = { clock: systemClock, random: Math.random, logger: silentLogger };

/** A cluster as a gateway follows it, for all tests of a file. */
export function useGateway(): () => Cluster & { followed: Followed } {
  const cluster = useCluster();
  let followed: Followed | undefined;
  beforeAll(async () => {
    followed = startCluster({ source: { kubeconfig: cluster().kubeconfigPath }, ...SHARED });
    const { devices, deviceModels, deviceStatuses, namespaces, nodes, pods, events } = followed;
    const caches = [devices, deviceModels, deviceStatuses, namespaces, nodes, pods, events];
    await waitFor('all caches', () => caches.every(({ synced }) => synced), { timeoutMs: 30_000 });
  });
  afterAll(() => followed?.close());
  return () => ({ ...cluster(), followed: followed! });
}
