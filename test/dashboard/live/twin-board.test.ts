import { beforeEach, describe, expect, it } from 'vitest';
import { DRAW_EVERY_MS, DRAW_MANY_EVERY_MS, type Frames, MANY } from '../../../dashboard/live/frame-batch.ts';
import { TwinBoard } from '../../../dashboard/live/twin-board.ts';
import type { TwinFieldsFragment } from '../../../schema/generated/dashboard/graphql.ts';
import { ManualClock } from '../../harness/manual-clock.ts';

const FAN = { namespace: 'default', name: 'fan' };
const PUMP = { namespace: 'default', name: 'pump' };
const FRESH = { ageMs: 0, stale: false, source: 'EDGE', link: 'UP', linkSince: null } as const;

const twin = (property: string, value: number): TwinFieldsFragment => ({
  property,
  type: 'DOUBLE',
  accessMode: 'READ_ONLY',
  reported: { value, raw: null, quality: 'GOOD', observedAt: '2026-11-20T08:00:00Z' },
  unit: null,
  minimum: null,
  maximum: null,
  desired: null,
  sync: { state: 'NONE', change: null, since: null, reason: null },
  freshness: FRESH,
});

let clock: ManualClock;
let board: TwinBoard;
let draws: number;
const value = (property = 'flow') => board.twin(PUMP, property)?.twin.reported?.value;

beforeEach(() => {
  clock = new ManualClock();
  draws = 0;
  const frames: Frames = {
    now: () => clock.monotonic(),
    setTimer: (ms, run) => void clock.setTimer(ms, run),
    onFrame: (run) => void clock.setTimer(0, run),
  };
  board = new TwinBoard(frames);
  board.watch('default/pump/flow', () => draws++);
});

describe('drawing', () => {
  it('draws the first news with the next frame', async () => {
    board.put(PUMP, twin('flow', 1));
    expect(value()).toBeUndefined();
    await clock.advance(0);
    expect([value(), draws]).toEqual([1, 1]);
  });

  it('draws a thing at most five times a second, whatever comes in, and the latest of it', async () => {
    for (let at = 0; at < 1000; at++) {
      board.put(PUMP, twin('flow', at));
      await clock.advance(1);
    }
    await clock.advance(DRAW_EVERY_MS);
    expect(draws).toBeLessThanOrEqual(6);
    expect(value()).toBe(999);
  });

  it('draws less often while many things change', async () => {
    const change = () => {
      for (let index = 0; index <= MANY; index++)
        board.put(PUMP, twin(index === 0 ? 'flow' : `p${index}`, index));
    };
    change();
    await clock.advance(0);
    change();
    await clock.advance(DRAW_MANY_EVERY_MS - 1);
    expect(draws).toBe(1);
    await clock.advance(1);
    expect(draws).toBe(2);
  });

  it('stands still while paused, and shows the latest after', async () => {
    board.put(PUMP, twin('flow', 1));
    await clock.advance(0);
    board.setPaused(true);
    board.put(PUMP, twin('flow', 2));
    board.put(PUMP, twin('flow', 3));
    await clock.advance(10_000);
    expect([value(), draws]).toEqual([1, 1]);
    board.setPaused(false);
    await clock.advance(DRAW_EVERY_MS);
    expect([value(), draws]).toEqual([3, 2]);
  });
});

describe('what is on the board', () => {
  beforeEach(async () => {
    board.put(PUMP, twin('flow', 1));
    board.put(PUMP, twin('power', 2));
    await clock.advance(0);
  });

  it('keeps properties in the order in which they were told, and tells when one comes or goes', async () => {
    let changes = 0;
    board.watch('default/pump', () => changes++);
    board.put(PUMP, twin('flow', 9));
    await clock.advance(DRAW_EVERY_MS);
    expect(changes).toBe(0);
    board.put(PUMP, twin('heat', 3));
    await clock.advance(DRAW_EVERY_MS);
    expect(board.properties(PUMP)).toEqual(['flow', 'power', 'heat']);
    board.remove(PUMP, 'flow');
    expect(board.properties(PUMP)).toEqual(['power', 'heat']);
    expect(changes).toBe(2);
  });

  it('drops what a new snapshot does not tell', async () => {
    board.keepOnly(PUMP, new Set(['power']));
    expect(board.properties(PUMP)).toEqual(['power']);
  });

  it('takes news of freshness without touching the value, and none of what it does not follow', async () => {
    board.refresh(PUMP, 'flow', { ...FRESH, stale: true });
    board.refresh(PUMP, 'unknown', FRESH);
    await clock.advance(DRAW_EVERY_MS);
    expect(value()).toBe(1);
    expect(board.twin(PUMP, 'flow')?.heard.freshness.stale).toBe(true);
    expect(board.properties(PUMP)).toEqual(['flow', 'power']);
  });

  it('forgets a device of which nothing was drawn yet, as while the page is hidden or paused', async () => {
    board.setPaused(true);
    board.put(FAN, twin('speed', 5));
    board.put(FAN, twin('flow', 5));
    board.keepOnly(FAN, new Set(['speed']));
    board.forget(FAN);
    board.put(FAN, twin('heat', 6));
    board.setPaused(false);
    await clock.advance(DRAW_EVERY_MS);
    expect(board.properties(FAN)).toEqual(['heat']);
  });

  it('forgets a device with all that was on its way', async () => {
    board.put(PUMP, twin('flow', 5));
    board.forget(PUMP);
    await clock.advance(DRAW_EVERY_MS);
    expect(board.properties(PUMP)).toEqual([]);
  });
});
