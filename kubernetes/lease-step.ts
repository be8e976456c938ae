import { isDeepStrictEqual } from 'node:util';
import type { LeaseObject } from './resources.ts';

/** A Lease as it was last seen, and since when it looks so. Nobody's wall clock counts: only that it does not change. */
export interface LeaseSighting {
  lease: LeaseObject | undefined;
  /** Monotonic, milliseconds. */
  since: number;
}

export interface LeaseTerms {
  /** Who we are: another one for each process. */
  identity: string;
  namespace: string;
  name: string;
  /** For how long nobody else takes a Lease that is not renewed. */
  durationSeconds: number;
}

export type LeaseStep =
  | { kind: 'create'; lease: LeaseObject }
  /** Replaces the Lease in the very version that was seen: of two who try, one gets it. */
  | { kind: 'replace'; lease: LeaseObject }
  | { kind: 'wait'; holder: string };

/** The Lease was read again: a holder that renewed it has the full duration from now on. */
export function sightLease(
  before: LeaseSighting | undefined,
  lease: LeaseObject | undefined,
  now: number,
): LeaseSighting {
  const same =
    before?.lease?.metadata.uid === lease?.metadata.uid &&
    isDeepStrictEqual(before?.lease?.spec, lease?.spec);
  return { lease, since: before && same ? before.since : now };
}

/** What to do about the Lease, renewal being a replacement too. `now` is monotonic, `instant` the wall clock in RFC 3339. */
export function decideLease(
  { lease, since }: LeaseSighting,
  terms: LeaseTerms,
  now: number,
  instant: string,
): LeaseStep {
  const spec = lease?.spec ?? {};
  const holder = spec.holderIdentity ?? '';
  const ours = holder === terms.identity;
  if (lease && !ours && holder !== '') {
    const durationMs = (spec.leaseDurationSeconds ?? terms.durationSeconds) * 1000;
    if (now < since + durationMs) return { kind: 'wait', holder };
  }
  const renewed: LeaseObject['spec'] = {
    holderIdentity: terms.identity,
    leaseDurationSeconds: terms.durationSeconds,
    acquireTime: (ours && spec.acquireTime) || micro(instant),
    renewTime: micro(instant),
    leaseTransitions: (spec.leaseTransitions ?? 0) + (lease && !ours ? 1 : 0),
  };
  if (lease) return { kind: 'replace', lease: { ...lease, spec: renewed } };
  const { namespace, name } = terms;
  return {
    kind: 'create',
    lease: {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { namespace, name },
      spec: renewed,
    },
  };
}

/** As client-go gives one back: the next one need not wait. */
export function releasedLease(lease: LeaseObject, instant: string): LeaseObject {
  const spec = { ...lease.spec, holderIdentity: '', leaseDurationSeconds: 1, renewTime: micro(instant) };
  return { ...lease, spec };
}

/** Kubernetes wants a Lease's times with microseconds. */
export const micro = (iso: string): string => iso.replace(/(\.\d{3})Z$/, '$1000Z');
