import { describe, expect, it } from 'vitest';
import { judgeFreshness, SILENCE_MS } from '../../../dashboard/state/freshness.ts';
import { pathOf, SYNC_LOOKS } from '../../../dashboard/state/sync.ts';

describe('the states of a desired value', () => {
  it('can be told apart without colour: no two have the same shape or word', () => {
    const looks = Object.values(SYNC_LOOKS);
    expect(new Set(looks.map(({ shape }) => shape)).size).toBe(looks.length);
    expect(new Set(looks.map(({ word }) => word)).size).toBe(looks.length);
  });

  it.each([
    ['NONE', ''],
    ['PENDING', 'accepted done, delivered now, reported ahead'],
    ['DELIVERED', 'accepted done, delivered done, reported now'],
    ['IN_SYNC', 'accepted done, delivered done, reported done'],
    ['DRIFTED', 'accepted done, delivered done, reported done, drifted failed'],
    ['REJECTED', 'accepted done, delivered done, rejected failed'],
    ['EXPIRED', 'accepted done, expired failed'],
  ] as const)('have come so far when it is %s', (state, way) => {
    expect(
      pathOf(state)
        .map(({ word, state }) => `${word} ${state}`)
        .join(', '),
    ).toBe(way);
  });
});

describe('freshness judged by the page', () => {
  const fresh = { ageMs: 400, stale: false, source: 'REPLICA', link: 'UP', linkSince: null } as const;

  it('believes what the server believes, and counts its age on', () => {
    expect(judgeFreshness({ freshness: fresh, at: 1000 }, 3000)).toEqual({ stale: false, ageMs: 2400 });
  });

  it('turns stale by itself when nothing is heard for three rounds', () => {
    const heard = { freshness: fresh, at: 1000 };
    expect(judgeFreshness(heard, 1000 + SILENCE_MS).stale).toBe(false);
    expect(judgeFreshness(heard, 1001 + SILENCE_MS)).toMatchObject({
      stale: true,
      why: expect.stringContaining('nothing'),
    });
  });

  it('says that a broken link is why, in the cloud', () => {
    const freshness = { ...fresh, stale: true, source: 'LAST_KNOWN', link: 'DOWN' } as const;
    expect(judgeFreshness({ freshness, at: 0 }, 0)).toMatchObject({
      stale: true,
      why: expect.stringContaining('link'),
    });
  });

  it('does not mind the link where the value was read, at the edge', () => {
    const freshness = { ...fresh, source: 'EDGE', link: 'DOWN' } as const;
    expect(judgeFreshness({ freshness, at: 0 }, 0).stale).toBe(false);
  });

  it('has no age where nothing was ever read', () => {
    expect(judgeFreshness({ freshness: { ...fresh, ageMs: null }, at: 0 }, 5000).ageMs).toBeUndefined();
  });
});
