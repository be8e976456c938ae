import { expect, it } from 'vitest';
import { drain } from './drain.ts';

it('an hour offline that is more than the outbox holds comes up in order, exactly but for what was counted, and delays nothing else', async () => {
  const facts = await drain({
    offlineSeconds: 3600,
    properties: 20,
    bytesPerSecond: 25_000,
    latencyMs: 100,
    outboxLimitBytes: 8 * 1024 * 1024,
  });
  expect(facts.dropped).toBeGreaterThan(0);
  expect(facts.missing).toBe(facts.dropped);
  expect(facts).toMatchObject({ outOfOrder: 0, outboxLeft: 0 });
  expect(facts.liveMs.length).toBeGreaterThan(50);
  // Simulated time: it is exact.
  expect(Math.max(...facts.liveMs)).toBeLessThan(1000);
  expect(Math.max(...facts.stateMs)).toBeLessThan(1000);
  expect(facts.diskBytes).toBeLessThan(64 * 1024 * 1024);
}, 120_000);
