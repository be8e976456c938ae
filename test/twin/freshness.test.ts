import { describe, expect, it } from 'vitest';
import { type FreshnessInput, freshnessOf } from '../../twin/freshness.ts';
import { NOW, property } from './objects.ts';

const MODEL = property({ collectCycleMs: 1000, reportCycleMs: 2000 });
const input = (fields: Partial<FreshnessInput> = {}): FreshnessInput => ({
  source: 'REPLICA',
  model: MODEL,
  byEvent: false,
  observedAt: NOW - 3_600_000,
  aliveAt: NOW - 500,
  deviceState: 'online',
  link: 'UP',
  now: NOW,
  ...fields,
});

describe('freshness', () => {
  it('[T15] counts from the last collection, not from the last change', () => {
    expect(freshnessOf(input())).toMatchObject({ asOf: NOW - 500, ageMs: 500, stale: false });
  });

  it('[T15] ends after three times the longer cycle', () => {
    expect(freshnessOf(input({ aliveAt: NOW - 6000 })).stale).toBe(false);
    expect(freshnessOf(input({ aliveAt: NOW - 6001 })).stale).toBe(true);
  });

  it('[T15] counts from the event where the property comes by event, and silence is no age', () => {
    const quiet = input({ byEvent: true });
    expect(freshnessOf(quiet)).toMatchObject({ asOf: NOW - 3_600_000, ageMs: 3_600_000, stale: false });
    expect(freshnessOf({ ...quiet, deviceState: 'disconnected' }).stale).toBe(true);
  });

  it('[T15] takes the reading’s own time before the first collection is known', () => {
    expect(freshnessOf(input({ aliveAt: undefined, observedAt: NOW - 10 }))).toMatchObject({
      ageMs: 10,
      stale: false,
    });
  });

  it.each([
    ['the link is down for a reader in the cloud', { link: 'DOWN' as const }],
    ['the link is down for last known values', { link: 'DOWN' as const, source: 'LAST_KNOWN' as const }],
    ['the device is not online', { deviceState: 'offline' }],
    ['the device’s state is unknown', { deviceState: 'unknown' }],
    ['nothing was ever said', { observedAt: undefined }],
    ['nothing is known at all', { observedAt: undefined, aliveAt: undefined }],
  ])('[T15] is none where %s', (_, fields) => {
    expect(freshnessOf(input(fields)).stale).toBe(true);
  });

  it('[T15] does not depend on the link at the edge', () => {
    expect(freshnessOf(input({ source: 'EDGE', link: 'DOWN' }))).toMatchObject({
      stale: false,
      link: 'DOWN',
    });
  });

  it('[T15] is never younger than now, though a clock went back', () => {
    expect(freshnessOf(input({ aliveAt: NOW + 400 * 86_400_000 }))).toMatchObject({ ageMs: 0, stale: false });
  });
});
