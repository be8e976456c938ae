import { describe, expect, it } from 'vitest';
import { type HeartbeatOptions, startHeartbeat } from '../../tunnel/heartbeat.ts';
import { ManualClock } from '../harness/manual-clock.ts';

function start({ pingMs = 10_000, pings = 'regularly' as HeartbeatOptions['pings'] } = {}) {
  const clock = new ManualClock();
  const seen = { pings: 0, deadAfterMs: undefined as number | undefined };
  const heartbeat = startHeartbeat({
    clock,
    pingMs,
    pings,
    ping: () => {
      seen.pings++;
    },
    dead: (silentMs) => {
      seen.deadAfterMs = silentMs;
    },
  });
  return { clock, seen, heartbeat };
}

describe('the heartbeat', () => {
  it.each([100, 1000, 10_000])(
    '[W17] at %i ms gives a silent peer up within 2 pings and a second',
    async (pingMs) => {
      const { clock, seen, heartbeat } = start({ pingMs });
      await clock.advance(pingMs * 1.5);
      heartbeat.heard();
      await clock.advance(2 * pingMs - 1);
      expect(seen.deadAfterMs).toBeUndefined();
      await clock.advance(1001);
      expect(seen.deadAfterMs).toBeGreaterThanOrEqual(2 * pingMs);
      expect(seen.deadAfterMs).toBeLessThanOrEqual(2 * pingMs + 1000);
    },
  );

  it('[W17] keeps a peer that answers every second ping only', async () => {
    const { clock, seen, heartbeat } = start();
    for (let round = 0; round < 20; round++) {
      await clock.advance(19_900);
      heartbeat.heard();
    }
    expect(seen).toEqual({ pings: 39, deadAfterMs: undefined });
  });

  it('[W17] after a stall of this process reads first what came in meanwhile', async () => {
    const { clock, seen, heartbeat } = start();
    await clock.advance(20_000);
    heartbeat.heard();
    await clock.advance(15_000);
    expect(seen.deadAfterMs).toBeUndefined();
  });

  it('[W17] at the end that hears the pings asks only when they stay out', async () => {
    const { clock, seen, heartbeat } = start({ pings: 'when-silent' });
    for (let round = 0; round < 10; round++) {
      await clock.advance(10_000);
      heartbeat.heard();
    }
    expect(seen.pings).toBe(0);
    await clock.advance(15_000);
    expect(seen.pings).toBe(1);
    heartbeat.heard();
    await clock.advance(19_000);
    expect(seen).toEqual({ pings: 2, deadAfterMs: undefined });
    await clock.advance(1500);
    expect(seen).toEqual({ pings: 2, deadAfterMs: 20_500 });
  });

  it('[W17] says nothing once it is closed', async () => {
    const { clock, seen, heartbeat } = start();
    heartbeat.close();
    await clock.advance(100_000);
    expect(seen).toEqual({ pings: 0, deadAfterMs: undefined });
  });
});
