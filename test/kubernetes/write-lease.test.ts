import { describe, expect, it, onTestFinished } from 'vitest';
import type { KubeClient } from '../../kubernetes/client.ts';
import { startReconciler } from '../../kubernetes/reconciler.ts';
import { DEVICE_OBJECTS, LEASES, objectPath } from '../../kubernetes/resources.ts';
import { fencedClient, type WriteFence } from '../../kubernetes/write-fence.ts';
import { startWriteLease, type WriteLeaseOptions } from '../../kubernetes/write-lease.ts';
import { silentLogger } from '../../lib/logger.ts';
import { ManualClock } from '../harness/manual-clock.ts';
import { waitFor } from '../harness/wait.ts';
import { device, recordingLogger, startFakeCluster } from './fake-cluster.ts';

const START = Date.parse('2026-01-01T00:00:00Z');

function startLease(client: KubeClient, identity: string, options: Partial<WriteLeaseOptions> = {}) {
  const clock = new ManualClock(START);
  const shared = { client, namespace: 'octograph', clock, logger: silentLogger };
  const lease = startWriteLease({ ...shared, identity, ...options });
  onTestFinished(() => lease.close());
  return { lease, clock };
}

/** Steps time until the fact holds: requests need real time, what they wait for does not. */
async function stepUntil(what: string, clock: ManualClock, fact: () => unknown, stepMs = 500): Promise<void> {
  await waitFor(what, async () => {
    if (fact()) return true;
    await clock.advance(stepMs);
    return false;
  });
}

describe('a write Lease', () => {
  it('is created, and renewed well before its end', async () => {
    const { api, client } = await startFakeCluster();
    const { lease, clock } = startLease(client, 'a');
    await waitFor('the term', () => lease.term);
    const first = api.read(LEASES, 'octograph-gateway', 'octograph')!.spec!;
    expect(first).toMatchObject({ holderIdentity: 'a', leaseDurationSeconds: 15 });
    await stepUntil('a renewal', clock, () => {
      return api.read(LEASES, 'octograph-gateway', 'octograph')!.spec!.renewTime !== first.renewTime;
    });
    expect(clock.now() - START).toBeLessThan(5_000);
    expect(lease.metrics()).toEqual({ held: true, gained: 1, lost: 0 });
    expect(lease.status().detail).toBe('this gateway holds Lease octograph/octograph-gateway, and writes');
  });

  it('is one gateway’s at a time, and the other’s at once when it is given back', async () => {
    const { api, client } = await startFakeCluster();
    const { lease: a } = startLease(client, 'a');
    await waitFor('the term of a', () => a.term);
    const { lease: b, clock } = startLease(client, 'b');
    await waitFor('b to see it', () => b.status().detail.includes('is held by a'));
    expect(b.term).toBeUndefined();
    await a.close();
    expect(a.term).toBeUndefined();
    expect(api.read(LEASES, 'octograph-gateway', 'octograph')?.spec?.holderIdentity).toBe('');
    await stepUntil('the term of b', clock, () => b.term);
    expect(clock.now() - START).toBeLessThan(5_000);
    expect(api.read(LEASES, 'octograph-gateway', 'octograph')?.spec).toMatchObject({
      holderIdentity: 'b',
      leaseTransitions: 1,
    });
  });

  it('passes to another one when its holder died, after its duration and not before', async () => {
    const { api, client } = await startFakeCluster();
    const { lease: a } = startLease(client, 'a');
    await waitFor('the term of a', () => a.term);
    // a's clock stands still: it renews no more.
    const { lease: b, clock } = startLease(client, 'b');
    await waitFor('b to see it', () => b.status().detail.includes('is held by a'));
    await stepUntil('the term of b', clock, () => b.term);
    expect(clock.now() - START).toBeGreaterThanOrEqual(15_000);
    expect(api.read(LEASES, 'octograph-gateway', 'octograph')?.spec?.holderIdentity).toBe('b');
  });

  it('ends for a holder that cannot renew it, before anybody else may take it', async () => {
    const { api, client } = await startFakeCluster();
    const { lease, clock } = startLease(client, 'a');
    const term = await waitFor('the term', () => lease.term);
    api.fault = () => ({ kind: 'answer', status: 503 });
    await stepUntil('the end of the term', clock, () => term.aborted);
    expect(clock.now() - START).toBeLessThan(15_000);
    expect(lease.metrics()).toEqual({ held: false, gained: 1, lost: 1 });
    expect(lease.status().detail).toMatch(/^cannot get Lease .*without which nothing is written: .*503/);
    api.fault = () => undefined;
    await stepUntil('another term', clock, () => lease.term);
    expect(lease.metrics()).toEqual({ held: true, gained: 2, lost: 1 });
  });

  it('is over for a process that was suspended for longer, before its timers run', async () => {
    const { client } = await startFakeCluster();
    let sleptMs = 0;
    const clock = new ManualClock(START);
    const asleep = { now: () => clock.now(), monotonic: () => clock.monotonic() + sleptMs };
    const setTimer = clock.setTimer.bind(clock);
    const { lease } = startLease(client, 'a', { clock: { ...asleep, setTimer } });
    await waitFor('the term', () => lease.term);
    sleptMs = 11_000;
    expect(lease.term).toBeUndefined();
  });

  it('ends when somebody else is named in it', async () => {
    const { api, client } = await startFakeCluster();
    const { lease, clock } = startLease(client, 'a');
    const term = await waitFor('the term', () => lease.term);
    const stored = api.read(LEASES, 'octograph-gateway', 'octograph')!;
    api.put(LEASES, { ...stored, spec: { ...stored.spec, holderIdentity: 'thief', renewTime: 'now' } });
    await stepUntil('the end of the term', clock, () => term.aborted, 100);
    expect(clock.now() - START).toBeLessThan(10_000);
    expect(lease.status().detail).toContain('is held by thief');
  });

  it('says once why it cannot be had', async () => {
    const { api, client } = await startFakeCluster();
    api.fault = () => ({ kind: 'answer', status: 403, reason: 'Forbidden', message: 'leases is forbidden' });
    const logger = recordingLogger();
    const { lease, clock } = startLease(client, 'a', { logger });
    await stepUntil('three tries', clock, () => api.requests.length >= 3);
    expect(logger.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
    expect(lease.status().detail).toContain('403 Forbidden: leases is forbidden');
  });
});

describe('a fence', () => {
  /** A fence that a test opens and closes. */
  function fenceOf() {
    let term: AbortController | undefined;
    const listeners = new Set<() => void>();
    const fence: WriteFence = {
      get term() {
        return term?.signal;
      },
      onTerm: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    };
    const begin = () => {
      term = new AbortController();
      for (const listener of listeners) listener();
    };
    const end = () => {
      const ended = term;
      term = undefined;
      ended?.abort();
    };
    return { fence, begin, end };
  }

  it('refuses every write outside a term, and no read', async () => {
    const { api, client } = await startFakeCluster();
    api.put(DEVICE_OBJECTS, device('lamp'));
    const { fence } = fenceOf();
    const fenced = fencedClient(client, fence);
    const path = objectPath(DEVICE_OBJECTS, { namespace: 'default', name: 'lamp' });
    const refused = { code: 'NOT_THE_WRITER', message: expect.stringContaining('another gateway holds') };
    await expect(fenced.patch(path, {}, 'application/merge-patch+json')).rejects.toMatchObject(refused);
    await expect(fenced.create(path, device('x'))).rejects.toMatchObject(refused);
    await expect(fenced.replace(path, device('x'))).rejects.toMatchObject(refused);
    await expect(fenced.remove(path)).rejects.toMatchObject(refused);
    expect(await fenced.get(path)).toMatchObject({ kind: 'Device' });
    expect(api.requests.every(({ method }) => method === 'GET')).toBe(true);
  });

  it('abandons a write that is on its way when the term ends', async () => {
    const { api, client } = await startFakeCluster();
    const { fence, begin, end } = fenceOf();
    begin();
    api.fault = () => ({ kind: 'slow', ms: 5_000 });
    const path = objectPath(DEVICE_OBJECTS, { namespace: 'default', name: 'lamp' });
    const write = fencedClient(client, fence).patch(path, {}, 'application/merge-patch+json');
    await waitFor('the request', () => api.requests.length === 1);
    end();
    await expect(write).rejects.toMatchObject({ code: 'KUBERNETES_UNAVAILABLE' });
  });

  it('lets keys wait without ageing, and be worked off in the next term', async () => {
    const { fence, begin, end } = fenceOf();
    const clock = new ManualClock();
    const worked: string[] = [];
    const reconciler = startReconciler({
      what: 'work',
      reconcile: async (key) => void worked.push(key),
      after: Promise.resolve(),
      fence,
      clock,
      random: () => 0.5,
      logger: silentLogger,
    });
    onTestFinished(() => reconciler.close());
    reconciler.enqueue('a');
    await clock.advance(60_000);
    expect(worked).toEqual([]);
    expect(reconciler).toMatchObject({ size: 1, working: false, oldestAgeMs: 0 });
    begin();
    await clock.advance(1);
    expect(worked).toEqual(['a']);
    end();
    reconciler.enqueue('b');
    await clock.advance(60_000);
    expect(worked).toEqual(['a']);
    begin();
    await clock.advance(1);
    expect(worked).toEqual(['a', 'b']);
  });
});
