import { describe, expect, it } from 'vitest';
import { AcceptBudget } from '../../tunnel/accept-budget.ts';

function create(options: { maxInFlight: number; perSecond: number }) {
  const time = { ms: 0 };
  return { budget: new AcceptBudget({ ...options, now: () => time.ms }), time };
}

describe('the accept budget', () => {
  it('[W30] takes up as many as may be under way, and the next one when one of them is over', () => {
    const { budget } = create({ maxInFlight: 2, perSecond: 1000 });
    expect([budget.take(), budget.take(), budget.take()]).toEqual([true, true, false]);
    expect(budget).toMatchObject({ inFlight: 2, shed: 1 });
  });

  it('[W30] takes up no more than its rate over time, however fast they are', () => {
    const { budget, time } = create({ maxInFlight: 10, perSecond: 100 });
    let taken = 0;
    for (time.ms = 0; time.ms < 10_000; time.ms++) {
      if (!budget.take()) continue;
      taken++;
      budget.release();
    }
    // The burst at the start, and 100 a second.
    expect(taken).toBeGreaterThanOrEqual(1008);
    expect(taken).toBeLessThanOrEqual(1010);
  });

  it('[W30] saves up no more than one burst', () => {
    const { budget, time } = create({ maxInFlight: 3, perSecond: 100 });
    time.ms = 3_600_000;
    expect(Array.from({ length: 5 }, () => budget.take())).toEqual([true, true, true, false, false]);
  });
});
