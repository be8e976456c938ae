import { readdirSync, readFileSync } from 'node:fs';
import { ApiException, type KubernetesObject, KubernetesObjectApi } from '@kubernetes/client-node';
import { afterAll, beforeAll } from 'vitest';
import { parse } from 'yaml';
import { type Cluster as Followed, startCluster } from '../../kubernetes/cluster.ts';
import { systemClock } from '../../lib/clock.ts';
import { silentLogger } from '../../lib/logger.ts';
import { waitFor } from '../harness/wait.ts';
import { type Cluster, useCluster } from '../kube-api/cluster.ts';

/** What every part of the gateway's Kubernetes side starts with. */
export const SHARED = { clock: systemClock, random: Math.random, logger: silentLogger };

const CRDS = new URL('../../deploy/chart/crds/', import.meta.url);

/**
 * A cluster as a gateway follows it, for all tests of a file: the one of OCTOGRAPH_TEST_KUBECONFIG, else the embedded API. CRDs of
 * the chart that it lacks are installed, and stay.
 */
export function useGateway(): () => Cluster & { followed: Followed } {
  const cluster = useCluster();
  let followed: Followed | undefined;
  beforeAll(async () => {
    await installCrds(KubernetesObjectApi.makeApiClient(cluster().config));
    followed = startCluster({ source: { kubeconfig: cluster().kubeconfigPath }, ...SHARED });
    const { devices, deviceModels, deviceStatuses, nodes, pods, events } = followed;
    const caches = [devices, deviceModels, deviceStatuses, nodes, pods, events];
    await waitFor('all caches', () => caches.every(({ synced }) => synced), { timeoutMs: 30_000 });
  });
  afterAll(() => followed?.close());
  return () => ({ ...cluster(), followed: followed! });
}

async function installCrds(api: KubernetesObjectApi): Promise<void> {
  for (const name of readdirSync(CRDS)) {
    const crd = parse(readFileSync(new URL(name, CRDS), 'utf8')) as KubernetesObject;
    try {
      await api.create(crd);
    } catch (error) {
      // Installed already: KubeEdge's own stays as it is.
      if (!(error instanceof ApiException) || error.code !== 409) throw error;
    }
    await waitFor(`${name} to be established`, async () => {
      const { status } = (await api.read(crd as never)) as {
        status?: { conditions?: Array<{ type: string; status: string }> };
      };
      return status?.conditions?.some((one) => one.type === 'Established' && one.status === 'True');
    });
  }
}
