import { describe, expect, it } from 'vitest';
import { Deadline } from '../../lib/deadline.ts';
import { ManualClock } from '../harness/manual-clock.ts';

describe('a deadline', () => {
  it('tells what is left of it, and nothing once it has passed', async () => {
    const clock = new ManualClock();
    const deadline = new Deadline(clock, 100);
    expect(deadline.leftMs).toBe(100);
    await clock.advance(99.5);
    expect(deadline.leftMs).toBe(1);
    await clock.advance(10);
    expect(deadline.leftMs).toBe(0);
  });

  it('gives a part of itself, never more than is left', async () => {
    const clock = new ManualClock();
    const deadline = new Deadline(clock, 100);
    expect(deadline.within(30).leftMs).toBe(30);
    await clock.advance(90);
    expect(deadline.within(30).leftMs).toBe(10);
    await clock.advance(90);
    expect(deadline.within(30).leftMs).toBe(0);
  });
});
