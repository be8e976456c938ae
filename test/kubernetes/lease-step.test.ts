import { describe, expect, it } from 'vitest';
import { decideLease, releasedLease, sightLease } from '../../kubernetes/lease-step.ts';
import type { LeaseObject } from '../../kubernetes/resources.ts';

const TERMS = { identity: 'me', namespace: 'octograph', name: 'octograph-gateway', durationSeconds: 15 };
const INSTANT = '2026-01-01T00:00:00.123Z';

const held = (holderIdentity: string, spec: LeaseObject['spec'] = {}): LeaseObject => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name: TERMS.name, namespace: TERMS.namespace, uid: 'u1', resourceVersion: '7' },
  spec: { holderIdentity, leaseDurationSeconds: 15, leaseTransitions: 3, ...spec },
});

const decide = (lease: LeaseObject | undefined, now = 0, since = 0) =>
  decideLease({ lease, since }, TERMS, now, INSTANT);

describe('the decision about a write Lease', () => {
  it('creates one that is not there', () => {
    expect(decide(undefined)).toEqual({
      kind: 'create',
      lease: {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { namespace: 'octograph', name: 'octograph-gateway' },
        spec: {
          holderIdentity: 'me',
          leaseDurationSeconds: 15,
          acquireTime: '2026-01-01T00:00:00.123000Z',
          renewTime: '2026-01-01T00:00:00.123000Z',
          leaseTransitions: 0,
        },
      },
    });
  });

  it('renews its own in the version that it saw, keeping when it got it', () => {
    const lease = held('me', { acquireTime: '2025-12-31T00:00:00.000000Z' });
    expect(decide(lease)).toMatchObject({
      kind: 'replace',
      lease: {
        metadata: { resourceVersion: '7' },
        spec: {
          acquireTime: '2025-12-31T00:00:00.000000Z',
          renewTime: '2026-01-01T00:00:00.123000Z',
          leaseTransitions: 3,
        },
      },
    });
  });

  it('leaves another one’s until it has not changed for its whole duration, as we see it', () => {
    const other = held('other', { leaseDurationSeconds: 20 });
    expect(decide(other, 19_999)).toEqual({ kind: 'wait', holder: 'other' });
    expect(decide(other, 20_000)).toMatchObject({
      kind: 'replace',
      lease: {
        spec: { holderIdentity: 'me', leaseTransitions: 4, acquireTime: '2026-01-01T00:00:00.123000Z' },
      },
    });
  });

  it('takes one that was given back at once', () => {
    const given = releasedLease(held('other'), INSTANT);
    expect(given.spec).toMatchObject({ holderIdentity: '', leaseDurationSeconds: 1 });
    expect(decide(given)).toMatchObject({ kind: 'replace', lease: { spec: { holderIdentity: 'me' } } });
  });
});

describe('the sighting of a write Lease', () => {
  it('begins anew with each renewal, and not with what leaves the terms as they are', () => {
    const lease = held('other', { renewTime: 'a' });
    const first = sightLease(undefined, lease, 100);
    const labelled = { ...lease, metadata: { ...lease.metadata, resourceVersion: '8' } };
    expect(sightLease(first, labelled, 200).since).toBe(100);
    expect(sightLease(first, held('other', { renewTime: 'b' }), 200).since).toBe(200);
    expect(sightLease(first, { ...lease, metadata: { ...lease.metadata, uid: 'u2' } }, 200).since).toBe(200);
  });
});
