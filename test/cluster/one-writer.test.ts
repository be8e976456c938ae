import { describe, expect, onTestFinished, test } from 'vitest';
import { startWriteLease } from '../../kubernetes/write-lease.ts';
import { waitFor } from '../harness/wait.ts';
import { createKubectl, kubectlMissing } from '../kube-api/kubectl.ts';
import { SHARED, useGateway } from './gateway.ts';

const gateway = useGateway();
const kubectl = createKubectl(gateway);

function startLease(identity: string) {
  const { followed, namespace } = gateway();
  const lease = startWriteLease({
    client: followed.client,
    namespace,
    identity,
    durationSeconds: 3,
    ...SHARED,
  });
  onTestFinished(() => lease.close());
  return lease;
}

describe('the write Lease', () => {
  test('is one gateway’s, and the next one’s when it is given back', async () => {
    const a = startLease('a');
    await waitFor('the term of a', () => a.term);
    const b = startLease('b');
    await waitFor('b to see it', () => b.status().detail.includes('is held by a'));
    // Longer than the Lease lasts: a has to renew it.
    const until = performance.now() + 4_000;
    await waitFor('the time to pass', () => {
      expect(a.term !== undefined && b.term === undefined).toBe(true);
      return performance.now() > until;
    });
    await a.close();
    await waitFor('the term of b', () => b.term);
    expect(a.term).toBeUndefined();
  });

  test('is never two gateways’ at once, however they contend for it', async () => {
    const leases = ['c', 'd', 'e'].map(startLease);
    for (let round = 0; round < 3; round++) {
      const holder = await waitFor('a holder', () => leases.find(({ term }) => term));
      expect(leases.filter(({ term }) => term)).toEqual([holder]);
      await holder.close();
      leases.splice(leases.indexOf(holder), 1);
    }
  });

  test.skipIf(kubectlMissing)('tells kubectl who holds it', async () => {
    const lease = startLease('gateway-f');
    await waitFor('the term', () => lease.term);
    const holder = await kubectl.ok([
      'get',
      'lease',
      'octograph-gateway',
      '-o',
      'jsonpath={.spec.holderIdentity}',
    ]);
    expect(holder).toBe('gateway-f');
  });
});
