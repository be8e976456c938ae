import { describe, expect, it } from 'vitest';
import { decide, type StepOutcome } from '../../kubernetes/informer-step.ts';
import { KubernetesError } from '../../kubernetes/kubernetes-error.ts';

const refused = (status: number, retryAfter?: string) =>
  new KubernetesError('GET /api/v1/pods', status, { message: 'no' }, retryAfter);
const unreachable = new Error('connect ECONNREFUSED');
const half = () => 0.5;

const watched = (error?: unknown, progressed = false): StepOutcome => ({
  kind: 'watched',
  resourceVersion: '7',
  progressed,
  error,
});
const notWatched = (error: unknown): StepOutcome => ({ kind: 'not-watched', resourceVersion: '7', error });

describe('the policy of an informer', () => {
  it('watches from where the list ended, at once', () => {
    expect(decide(3, { kind: 'listed', resourceVersion: '7' }, half)).toEqual({
      step: { kind: 'watch', resourceVersion: '7' },
      delayMs: 0,
      failures: 3,
      condition: { kind: 'following' },
    });
  });

  it.each([
    ['ended by the server', watched()],
    ['cut', watched(unreachable)],
    ['ended by an ERROR event 500', watched(refused(500))],
    ['refused with 429', notWatched(refused(429))],
    ['refused with 500', notWatched(refused(500))],
    ['refused with 403', notWatched(refused(403))],
  ])('resumes a watch that was %s', (_name, outcome) => {
    expect(decide(0, outcome, half).step).toEqual({ kind: 'watch', resourceVersion: '7' });
  });

  it.each([
    ['ended by an ERROR event 410', watched(refused(410))],
    ['refused with 410', notWatched(refused(410))],
    ['refused with 400: the version means nothing to the server', notWatched(refused(400))],
    ['refused with 504: the version is in the future', notWatched(refused(504))],
    ['refused with 404: the kind may be gone', notWatched(refused(404))],
    ['answered by 502: nobody is behind the load balancer', notWatched(refused(502))],
    ['answered by 503: what comes back may have an older history', notWatched(refused(503))],
    ['not answered: what comes back may have an older history', notWatched(unreachable)],
  ])('lists anew after a watch that was %s', (_name, outcome) => {
    expect(decide(0, outcome, half).step).toEqual({ kind: 'list' });
  });

  it('backs off with full jitter up to 30 s, until a watch gets somewhere', () => {
    let failures = 0;
    const delays: number[] = [];
    for (let round = 0; round < 10; round++) {
      const decision = decide(failures, watched(refused(500)), half);
      failures = decision.failures;
      delays.push(decision.delayMs);
    }
    expect(delays).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 12800, 15000, 15000]);
    expect(decide(failures, watched(undefined, true), half)).toMatchObject({ failures: 0, delayMs: 100 });
  });

  it('does not spin between a list that works and a watch that is always too old', () => {
    let failures = 0;
    let waitedMs = 0;
    for (let round = 0; round < 10; round++) {
      const listed = decide(failures, { kind: 'listed', resourceVersion: '7' }, half);
      const expired = decide(listed.failures, watched(refused(410)), half);
      failures = expired.failures;
      waitedMs += listed.delayMs + expired.delayMs;
    }
    expect(waitedMs).toBeGreaterThan(50_000);
  });

  it('waits at least what Retry-After asks, and no more than 5 minutes of it', () => {
    expect(decide(0, notWatched(refused(429, '3')), half).delayMs).toBe(3_100);
    expect(decide(0, { kind: 'not-listed', error: refused(503, '86400') }, half).delayMs).toBe(300_100);
  });

  it('asks for a kind that is absent every few seconds, without backing off', () => {
    for (const failures of [0, 9]) {
      expect(decide(failures, { kind: 'not-listed', error: refused(404) }, half)).toEqual({
        step: { kind: 'list' },
        delayMs: 2_000,
        failures: 0,
        condition: { kind: 'absent' },
      });
    }
  });

  it('calls one cut no failure, and the second in a row one', () => {
    expect(decide(0, watched(unreachable), half).condition).toBeUndefined();
    expect(decide(1, watched(unreachable), half).condition).toMatchObject({ kind: 'failing' });
    expect(decide(0, { kind: 'not-listed', error: unreachable }, half).condition).toMatchObject({
      kind: 'failing',
    });
  });
});
