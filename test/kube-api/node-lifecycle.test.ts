import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CoordinationV1Api,
  PatchStrategy,
  setHeaderOptions,
  V1MicroTime,
  type V1NodeCondition,
} from '@kubernetes/client-node';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { KubeApi } from '../../kube-api/index.ts';
import { ManualClock } from '../harness/manual-clock.ts';
import { clientsOf, startEmbedded } from './cluster.ts';

const GRACE_MS = 20_000;
const LEASE = { namespace: 'kube-node-lease', name: 'edge-a' };

let directory: string;
let clock: ManualClock;
let api: KubeApi;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'octograph-kube-'));
  // The certificate has to be valid for a client whose clock runs.
  clock = new ManualClock(Date.now());
  api = await startEmbedded(directory, { clock, nodeGraceMs: GRACE_MS });
});
afterEach(async () => {
  await api.close();
  rmSync(directory, { recursive: true, force: true });
});

const clients = () => clientsOf(join(directory, 'kubeconfig'));
const leases = () => clients().config.makeApiClient(CoordinationV1Api);
const merge = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);

async function createNode({ lease = true } = {}) {
  await clients().core.createNode({
    body: { metadata: { name: 'edge-a' }, spec: { taints: [{ key: 'ours', effect: 'NoSchedule' }] } },
  });
  await postReady('True');
  if (lease) {
    const spec = { holderIdentity: 'edge-a', leaseDurationSeconds: 40, renewTime: new V1MicroTime(0) };
    await leases().createNamespacedLease({
      namespace: LEASE.namespace,
      body: { metadata: { name: LEASE.name }, spec },
    });
  }
}
let beat = 0;
const renew = () =>
  leases().patchNamespacedLease(
    { ...LEASE, body: { spec: { renewTime: new V1MicroTime(1000 * ++beat).toISOString() } } },
    merge,
  );
const postReady = (status: string) => {
  const lastHeartbeatTime = new Date(1000 * ++beat).toISOString();
  const conditions = [
    { type: 'Ready', status, reason: 'KubeletReady', message: '', lastHeartbeatTime },
    { type: 'Site', status: 'True', reason: 'Open', message: '' },
  ];
  return clients().core.patchNodeStatus({ name: 'edge-a', body: { status: { conditions } } }, merge);
};
async function node() {
  const { spec, status } = await clients().core.readNode({ name: 'edge-a' });
  const find = (type: string): V1NodeCondition | undefined =>
    status?.conditions?.find((condition) => condition.type === type);
  return {
    ready: find('Ready'),
    find,
    taints: (spec?.taints ?? []).map(({ key, effect }) => `${key}:${effect}`),
  };
}

test('a node whose Lease ends is marked unknown and unreachable, and is itself again when it reports', async () => {
  await createNode();
  await clock.advance(GRACE_MS - 1000);
  expect((await node()).ready?.status).toBe('True');
  await clock.advance(7000);
  const silent = await node();
  expect(silent.ready).toMatchObject({
    status: 'Unknown',
    reason: 'NodeStatusUnknown',
    message: 'Kubelet stopped posting node status.',
  });
  expect(silent.find('MemoryPressure')).toMatchObject({
    status: 'Unknown',
    reason: 'NodeStatusNeverUpdated',
  });
  expect(silent.find('Site')?.status).toBe('True');
  expect(silent.taints).toEqual([
    'ours:NoSchedule',
    'node.kubernetes.io/unreachable:NoSchedule',
    'node.kubernetes.io/unreachable:NoExecute',
  ]);
  await renew();
  expect((await node()).ready?.status).toBe('Unknown');
  await postReady('True');
  expect(await node()).toMatchObject({ ready: { status: 'True' }, taints: ['ours:NoSchedule'] });
});

test('a Lease that is renewed keeps its node, whatever time it says', async () => {
  await createNode();
  for (let minute = 0; minute < 3; minute++) {
    await clock.advance(GRACE_MS - 1000);
    await renew();
  }
  expect((await node()).ready?.status).toBe('True');
});

test('a node that reports itself not ready is tainted so', async () => {
  await createNode();
  await postReady('False');
  expect((await node()).taints).toEqual([
    'ours:NoSchedule',
    'node.kubernetes.io/not-ready:NoSchedule',
    'node.kubernetes.io/not-ready:NoExecute',
  ]);
});

test('a node without a Lease is left alone', async () => {
  await createNode({ lease: false });
  await clock.advance(10 * GRACE_MS);
  expect(await node()).toMatchObject({ ready: { status: 'True' }, taints: ['ours:NoSchedule'] });
});

test('after a restart every node has the whole grace period again', async () => {
  await createNode();
  await clock.advance(GRACE_MS - 1000);
  await api.close();
  api = await startEmbedded(directory, { clock, nodeGraceMs: GRACE_MS });
  await clock.advance(GRACE_MS - 1000);
  expect((await node()).ready?.status).toBe('True');
  await clock.advance(7000);
  expect((await node()).ready?.status).toBe('Unknown');
});
