import { expect, it } from 'vitest';
import { drain } from './drain.ts';

it('minutes offline that are more than the outbox holds come up in order, exactly but for what was counted, and delay nothing else', async () => {
  const facts = await drain({
    offlineSeconds: 400,
    properties: 100,
    bytesPerSecond: 6000,
    latencyMs: 100,
    outboxLimitBytes: 4 * 1024 * 1024,
  });
  expect(facts.dropped).toBeGreaterThan(0);
  // Rows are coalesced while the backlog goes up, too.
  expect(facts.missing).toBe(facts.dropped);
  expect(facts).toMatchObject({ outOfOrder: 0, outboxLeft: 0 });
  expect(facts.liveMs.length).toBeGreaterThan(50);
  // Simulated time: it is exact.
  expect(Math.max(...facts.liveMs)).toBeLessThan(1000);
  expect(Math.max(...facts.stateMs)).toBeLessThan(1000);
  expect(facts.diskBytes).toBeLessThan(64 * 1024 * 1024);
}, 120_000);
