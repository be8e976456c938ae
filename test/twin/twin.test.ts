import { describe, expect, it } from 'vitest';
import { desiredOf, encodeDesired } from '../../twin/desired.ts';
import {
  confirm,
  expire,
  newTwin,
  observeDesired,
  type Reported,
  refuse,
  report,
  sameDesired,
  sameReported,
  sameValue,
} from '../../twin/twin.ts';
import { device, NOW, property, twin } from './objects.ts';

const good = (value: Reported['value']): Reported => ({ value, quality: 'GOOD', observedAt: NOW });
const fresh = newTwin('plant/boiler', 'uid-1', 'setpoint', NOW);
const delivered = observeDesired(fresh, { value: 21.3, change: 'chg-1' }, NOW + 1);
const inSync = confirm(delivered, 21.3, NOW + 2);
const drifted = report(inSync, good(19), NOW + 3);

describe('observing a desired value', () => {
  it('[T5] delivers it, under its change', () => {
    expect(delivered).toMatchObject({
      observedDesired: { value: 21.3 },
      sync: { state: 'DELIVERED', change: 'chg-1', since: NOW + 1 },
    });
  });

  it('[T5] changes nothing when the same is delivered again', () => {
    const again = { value: 21.3, change: 'chg-1', setBy: 'somebody', setAt: NOW + 9 };
    expect(observeDesired(inSync, again, NOW + 9)).toBe(inSync);
    expect(observeDesired(fresh, undefined, NOW + 9)).toBe(fresh);
  });

  it('[T5] delivers the same value again under another change, and forgets what was confirmed', () => {
    const again = observeDesired(inSync, { value: 21.3, change: 'chg-2' }, NOW + 9);
    expect(again.sync).toEqual({ state: 'DELIVERED', change: 'chg-2', since: NOW + 9, reason: undefined });
    expect(again.confirmed).toBeUndefined();
    expect(again.reported?.value).toBe(21.3);
  });

  it('[T5] takes up a value that plain kubectl set, which bears no change', () => {
    const byHand = observeDesired(inSync, { value: 20 }, NOW + 9);
    expect(byHand.sync).toMatchObject({ state: 'DELIVERED', change: undefined });
    expect(observeDesired(byHand, { value: 20 }, NOW + 10)).toBe(byHand);
  });

  it('[T5] clears', () => {
    const cleared = observeDesired(inSync, undefined, NOW + 9);
    expect(cleared).toMatchObject({ observedDesired: undefined, sync: { state: 'NONE', change: undefined } });
    expect(cleared.confirmed).toBeUndefined();
  });

  it('[T6] refuses what does not fit, in one step and with the reason', () => {
    const misfit = observeDesired(
      fresh,
      { value: '99', change: 'chg-1', misfit: 'above the maximum' },
      NOW + 1,
    );
    expect(misfit.sync).toEqual({
      state: 'REJECTED',
      change: 'chg-1',
      since: NOW + 1,
      reason: 'above the maximum',
    });
  });

  it('[T6] judges fit again when the model changes under a value that stands', () => {
    const object = device([{ name: 'setpoint', desired: encodeDesired({ value: 21.3, change: 'chg-1' }) }]);
    const seen = (fields: Parameters<typeof property>[0], before = inSync) =>
      observeDesired(before, desiredOf(object, property(fields)), NOW + 9);

    expect(seen({})).toBe(inSync);
    expect(seen({ minimum: 5, maximum: 30 })).toBe(inSync);
    const readOnly = seen({ accessMode: 'READ_ONLY' });
    expect(readOnly.sync).toMatchObject({ state: 'REJECTED', reason: expect.stringContaining('READ_ONLY') });
    expect(seen({}, readOnly).sync.state).toBe('DELIVERED');
    const narrowed = seen({ maximum: 20 });
    expect(narrowed.sync).toMatchObject({ state: 'REJECTED', reason: expect.stringContaining('maximum 20') });
    expect(seen({ maximum: 40 }, narrowed).sync.state).toBe('DELIVERED');
    expect(seen({ type: 'BOOLEAN' }).sync.state).toBe('REJECTED');
    expect(seen({ type: 'STRING' })).toMatchObject({
      observedDesired: { value: '21.3' },
      sync: { state: 'DELIVERED' },
    });
  });
});

describe('a reading', () => {
  it('[T7] moves a confirmed property to DRIFTED and back', () => {
    expect(drifted.sync).toMatchObject({ state: 'DRIFTED', change: 'chg-1', since: NOW + 3 });
    expect(report(drifted, good(21.3), NOW + 4).sync).toMatchObject({ state: 'IN_SYNC', since: NOW + 4 });
  });

  it('[T7] of quality BAD is no evidence', () => {
    const bad: Reported = { value: null, raw: 'no answer', quality: 'BAD', observedAt: NOW + 4 };
    for (const before of [inSync, drifted]) {
      const after = report(before, bad, NOW + 4);
      expect(after.reported).toBe(bad);
      expect(after.sync).toBe(before.sync);
    }
  });

  it('[T7] decides nothing before the device confirmed', () => {
    expect(report(delivered, good(21.3), NOW + 4).sync).toBe(delivered.sync);
    const refused = refuse(delivered, 'no', NOW + 2);
    expect(report(refused, good(21.3), NOW + 4).sync).toBe(refused.sync);
  });

  it('[T7] leaves the time of a state alone that it does not change', () => {
    expect(report(inSync, good(21.3), NOW + 60_000).sync.since).toBe(NOW + 2);
  });

  it('is the same again whenever it was observed', () => {
    expect(sameReported(good(5), { ...good(5), observedAt: NOW + 1 })).toBe(true);
    expect(sameReported(good(5), { ...good(5), quality: 'UNCERTAIN' })).toBe(false);
    expect(sameReported({ ...good(null), raw: 'a' }, { ...good(null), raw: 'b' })).toBe(false);
    expect(sameReported(undefined, good(5))).toBe(false);
  });
});

describe('a confirmation', () => {
  it('[T8] is compared as the device represents it', () => {
    const asFloat32 = Math.fround(21.3);
    const confirmed = confirm(delivered, asFloat32, NOW + 2);
    expect(confirmed).toMatchObject({
      confirmed: asFloat32,
      reported: { value: asFloat32, quality: 'GOOD', observedAt: NOW + 2 },
      observedDesired: { value: 21.3 },
      sync: { state: 'IN_SYNC', change: 'chg-1' },
    });
    expect(report(confirmed, good(asFloat32), NOW + 3).sync.state).toBe('IN_SYNC');
    expect(report(confirmed, good(21.3), NOW + 3).sync.state).toBe('DRIFTED');
  });

  it('[T8] takes zero for minus zero and NaN for itself', () => {
    expect([
      sameValue(0, -0),
      sameValue(Number.NaN, Number.NaN),
      sameValue(1, '1'),
      sameValue(null, ''),
    ]).toEqual([true, true, false, false]);
  });

  it('[T8] that comes when nothing is desired any more is only a reading', () => {
    const cleared = observeDesired(delivered, undefined, NOW + 2);
    const late = confirm(cleared, 21.3, NOW + 3);
    expect(late).toMatchObject({ reported: { value: 21.3 }, sync: { state: 'NONE' } });
    expect(late.confirmed).toBeUndefined();
  });

  it('[T8] after a refusal wins: the device holds it', () => {
    expect(confirm(refuse(delivered, 'busy', NOW + 2), 21.3, NOW + 3).sync).toEqual({
      state: 'IN_SYNC',
      change: 'chg-1',
      since: NOW + 3,
      reason: undefined,
    });
  });
});

describe('a refusal', () => {
  it('[T9] keeps its reason', () => {
    expect(refuse(delivered, 'out of range', NOW + 2).sync).toEqual({
      state: 'REJECTED',
      change: 'chg-1',
      since: NOW + 2,
      reason: 'out of range',
    });
  });

  it('[T9] comes too late for what the device holds, and leaves no trace there', () => {
    expect(refuse(inSync, 'late', NOW + 9)).toBe(inSync);
    expect(refuse(drifted, 'late', NOW + 9)).toBe(drifted);
    expect(refuse(fresh, 'of nothing', NOW + 9)).toBe(fresh);
  });
});

describe('an expiry', () => {
  it('[T9] ends what was delivered, with its reason, and leaves no trace on what the device holds', () => {
    expect(expire(delivered, 'expired at noon', NOW + 5).sync).toMatchObject({
      state: 'EXPIRED',
      change: 'chg-1',
      reason: 'expired at noon',
    });
    expect(expire(inSync, 'late', NOW + 5)).toBe(inSync);
    expect(expire(fresh, 'of nothing', NOW + 5)).toBe(fresh);
  });

  it('[T5] is over with the next wish', () => {
    const expired = expire(delivered, 'late', NOW + 5);
    expect(confirm(expired, 21.3, NOW + 6).sync.state).toBe('EXPIRED');
    expect(observeDesired(expired, { value: 21.3, change: 'chg-2' }, NOW + 7).sync.state).toBe('DELIVERED');
  });
});

describe('two desired values', () => {
  it('[T5] are the same wish by value, change and fit alone', () => {
    expect(sameDesired({ value: 1, change: 'a', setBy: 'x' }, { value: 1, change: 'a', setBy: 'y' })).toBe(
      true,
    );
    expect(sameDesired({ value: 1, change: 'a' }, { value: 1, change: 'b' })).toBe(false);
    expect(sameDesired({ value: 1 }, { value: '1' })).toBe(false);
    expect(sameDesired({ value: 1 }, { value: 1, misfit: 'READ_ONLY' })).toBe(false);
    expect(sameDesired(undefined, undefined)).toBe(true);
    expect(sameDesired(undefined, { value: null })).toBe(false);
  });
});

it('no transition touches the twin that it is given', () => {
  const before = Object.freeze(twin({ observedDesired: Object.freeze({ value: 1 }) }));
  report(confirm(observeDesired(before, { value: 2 }, NOW), 2, NOW), good(3), NOW);
  expect(before).toEqual(twin({ observedDesired: { value: 1 } }));
});
