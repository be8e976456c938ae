import { describe, expect, it, onTestFinished } from 'vitest';
import { MANAGED_LABEL } from '../../kubernetes/node-object.ts';
import { startPodController } from '../../kubernetes/pod-controller.ts';
import { NODES, PODS } from '../../kubernetes/resources.ts';
import { systemClock } from '../../lib/clock.ts';
import { silentLogger } from '../../lib/logger.ts';
import type { KubePod } from '../../twin/cluster-object.ts';
import { waitFor } from '../harness/wait.ts';
import { follow, startFakeCluster } from './fake-cluster.ts';

const pod = (name: string, nodeName: string | undefined, status?: KubePod['status']): KubePod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default' },
  spec: { nodeName, containers: [{ name: 'app', image: 'busybox' }] },
  status,
});

async function setUp(existing: KubePod[]) {
  const { api, client } = await startFakeCluster();
  const labels = { [MANAGED_LABEL]: 'true' };
  api.put(NODES, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'edge-a', labels } });
  api.put(NODES, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'kubelet-1' } });
  for (const object of existing) api.put(PODS, object);
  const { cache: nodes } = follow(client, NODES);
  const { cache: pods } = follow(client, PODS, { nodeOf: ({ spec }) => spec.nodeName });
  const controller = startPodController({
    client,
    pods,
    nodes,
    clock: systemClock,
    random: Math.random,
    logger: silentLogger,
  });
  onTestFinished(() => controller.close());
  await waitFor('the caches', () => nodes.synced && pods.synced && api.watchers === 2);
  const status = (name: string) => api.read(PODS, name)?.status;
  const writes = () => api.requests.filter(({ method }) => method !== 'GET');
  return { api, status, writes };
}

const EXPLAINED = {
  phase: 'Pending',
  reason: 'NoContainerRuntime',
  message: 'the edge node runs no containers yet',
};

describe('the pod controller', () => {
  it('says once why a pod on a node of ours does not run', async () => {
    const { api, status, writes } = await setUp([pod('app', 'edge-a', { phase: 'Pending' })]);
    await waitFor('the reason', () => status('app')?.reason);
    expect(status('app')).toEqual(EXPLAINED);
    const changed = api.read(PODS, 'app')!;
    api.put(PODS, { ...changed, metadata: { ...changed.metadata, labels: { tier: 'web' } } });
    api.put(PODS, pod('marker', 'edge-a'));
    await waitFor('the marker', () => status('marker')?.reason);
    expect(writes()).toHaveLength(2);
  });

  it('leaves pods alone that are elsewhere, nowhere yet, or have a status of somebody', async () => {
    const others = [
      pod('elsewhere', 'kubelet-1', { phase: 'Running' }),
      pod('unbound', undefined, { phase: 'Pending' }),
      pod('failed', 'edge-a', { phase: 'Failed', reason: 'Evicted' }),
      pod('unknown-node', 'ghost', { phase: 'Pending' }),
    ];
    const { api, status, writes } = await setUp(others);
    api.put(PODS, pod('marker', 'edge-a'));
    await waitFor('the marker', () => status('marker')?.reason);
    expect(writes().map(({ path }) => path)).toEqual(['/api/v1/namespaces/default/pods/marker/status']);
  });

  it('explains a pod that was bound before its node appeared', async () => {
    const { api, status } = await setUp([pod('early', 'edge-b', { phase: 'Pending' })]);
    const labels = { [MANAGED_LABEL]: 'true' };
    api.put(NODES, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'edge-b', labels } });
    await waitFor('the reason', () => status('early')?.reason);
  });

  it('confirms the deletion of a pod, as no kubelet will', async () => {
    const { api, writes } = await setUp([pod('app', 'edge-a', EXPLAINED), pod('other', 'kubelet-1')]);
    for (const name of ['app', 'other']) {
      const object = api.read(PODS, name)!;
      api.put(PODS, {
        ...object,
        metadata: { ...object.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' },
      });
    }
    await waitFor('the end of the pod', () => !api.read(PODS, 'app'));
    expect(api.read(PODS, 'other')).toBeDefined();
    expect(writes()).toMatchObject([
      { method: 'DELETE', body: expect.stringContaining('"gracePeriodSeconds":0') },
    ]);
  });
});
