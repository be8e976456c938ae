import { describe, expect, it } from 'vitest';
import { type ChangeState, checkDesired, isSeen, progressOf } from '../../twin/change.ts';
import type { SyncState } from '../../twin/sync-state.ts';
import { change, device, model, view } from './objects.ts';

const MODEL = model([
  { name: 'setpoint', type: 'DOUBLE', accessMode: 'ReadWrite', minimum: '5', maximum: '30' },
  { name: 'label', type: 'STRING', accessMode: 'ReadWrite' },
  { name: 'temperature', type: 'DOUBLE', accessMode: 'ReadOnly' },
]);

describe('a request', () => {
  const check = (values: Array<{ property: string; value: unknown }>, of = MODEL) =>
    checkDesired(device(), of, values);
  const refusal = (values: Array<{ property: string; value: unknown }>) => {
    const checked = check(values);
    return checked.ok ? undefined : checked.refusal;
  };

  it('[T14] is taken whole: typed values, the empty text, and null, which clears', () => {
    expect(
      check([
        { property: 'setpoint', value: -0 + 5 },
        { property: 'label', value: '' },
      ]),
    ).toEqual({
      ok: true,
      values: [
        { property: 'setpoint', value: 5 },
        { property: 'label', value: '' },
      ],
    });
    expect(check([{ property: 'setpoint', value: null }]).ok).toBe(true);
  });

  it('[T14] without a model is refused by the model’s name', () => {
    expect(checkDesired(device(), undefined, [{ property: 'setpoint', value: 20 }])).toEqual({
      ok: false,
      refusal: {
        code: 'MODEL_NOT_FOUND',
        message: 'device plant/boiler has no model: DeviceModel boiler-model does not exist',
      },
    });
  });

  it('[T14] without values is refused', () => {
    expect(refusal([])?.code).toBe('NO_VALUES');
  });

  it('[T14] is refused with its first offence, and nothing of it is taken', () => {
    const fine = { property: 'setpoint', value: 20 };
    expect(refusal([fine, { property: 'ghost', value: 1 }])).toEqual({
      code: 'PROPERTY_NOT_FOUND',
      property: 'ghost',
      message:
        'device plant/boiler has no property ghost; its model boiler-model has: setpoint, label, temperature',
    });
    expect(refusal([fine, { property: 'temperature', value: 1 }])?.code).toBe('PROPERTY_READ_ONLY');
    expect(refusal([fine, { property: 'label', value: 5 }])).toMatchObject({
      code: 'INVALID_VALUE',
      property: 'label',
    });
    expect(refusal([{ property: 'setpoint', value: 31 }])?.message).toContain('above the maximum 30');
    expect(refusal([{ property: 'setpoint', value: undefined }])?.code).toBe('INVALID_VALUE');
    expect(refusal([fine, fine])).toMatchObject({
      code: 'INVALID_VALUE',
      message: expect.stringContaining('twice'),
    });
  });
});

describe('the progress of a change', () => {
  const CHANGE = change([{ property: 'setpoint', value: 20 }]);
  const DESIRED = { value: 20, change: 'chg-1' };
  const standing = (state: SyncState, reason?: string) =>
    view({ desired: DESIRED, observedDesired: DESIRED, sync: { state, change: 'chg-1', reason } });

  it.each<[SyncState, ChangeState]>([
    ['PENDING', 'ACCEPTED'],
    ['DELIVERED', 'DELIVERED'],
    ['IN_SYNC', 'REPORTED'],
    ['DRIFTED', 'REPORTED'],
    ['REJECTED', 'REJECTED'],
    ['EXPIRED', 'EXPIRED'],
  ])('[T16] is, where its property is %s, %s', (state, progress) => {
    expect(progressOf(CHANGE, [standing(state, 'why')], true).state).toBe(progress);
  });

  it('[T16] keeps the reason of a refusal', () => {
    expect(progressOf(CHANGE, [standing('REJECTED', 'too hot')], true).results).toEqual([
      { property: 'setpoint', state: 'REJECTED', reason: 'too hot' },
    ]);
  });

  it('[T16] is ACCEPTED until it was seen, whatever stood there before', () => {
    const before = view({
      desired: { value: 7, change: 'chg-0' },
      sync: { state: 'IN_SYNC', change: 'chg-0' },
    });
    expect(isSeen(CHANGE, [before])).toBe(false);
    expect(progressOf(CHANGE, [before], false).state).toBe('ACCEPTED');
    expect(progressOf(CHANGE, [view()], false).state).toBe('ACCEPTED');
  });

  it('[T16] is SUPERSEDED once another value took its place, or its property went away', () => {
    const other = view({
      desired: { value: 20, change: 'chg-2' },
      sync: { state: 'IN_SYNC', change: 'chg-2' },
    });
    expect(progressOf(CHANGE, [other], true).state).toBe('SUPERSEDED');
    expect(progressOf(CHANGE, [view()], true).state).toBe('SUPERSEDED');
    expect(progressOf(CHANGE, [], true).results[0]?.reason).toContain('gone from the model');
  });

  it('[T16] waits for the node to take notice of this very change', () => {
    const late = view({ desired: DESIRED, sync: { state: 'IN_SYNC', change: 'chg-0' } });
    expect(progressOf(CHANGE, [late], true).state).toBe('ACCEPTED');
  });

  it('[T16] that clears is REPORTED when the node observes nothing any more', () => {
    const clears = change([{ property: 'setpoint', value: null }]);
    const before = view({ desired: DESIRED, observedDesired: DESIRED });
    const arrived = view({ observedDesired: DESIRED });
    expect([isSeen(clears, [before]), isSeen(clears, [arrived])]).toEqual([false, true]);
    expect(progressOf(clears, [arrived], true).state).toBe('ACCEPTED');
    expect(progressOf(clears, [view()], true).state).toBe('REPORTED');
    expect(progressOf(clears, [before], true).state).toBe('SUPERSEDED');
  });

  it('[T16] of the empty text is that of any other text', () => {
    const empties = change([{ property: 'setpoint', value: '' }]);
    const desired = { value: '', change: 'chg-1' };
    const held = view({ desired, observedDesired: desired, sync: { state: 'IN_SYNC', change: 'chg-1' } });
    expect(isSeen(empties, [held])).toBe(true);
    expect(progressOf(empties, [held], true).state).toBe('REPORTED');
  });

  describe('with several values', () => {
    const two = change([
      { property: 'setpoint', value: 20 },
      { property: 'label', value: 'x' },
    ]);
    const label = (state: SyncState) =>
      view({ desired: { value: 'x', change: 'chg-1' }, sync: { state, change: 'chg-1' } }, 'label');

    it('[T16] has the worst end, else the slowest', () => {
      expect(progressOf(two, [standing('IN_SYNC'), label('DELIVERED')], true).state).toBe('DELIVERED');
      expect(progressOf(two, [standing('REJECTED'), label('DELIVERED')], true).state).toBe('REJECTED');
      expect(progressOf(two, [standing('IN_SYNC'), label('IN_SYNC')], true).state).toBe('REPORTED');
    });

    it('[T16] has arrived when one of them bears its id: the other was replaced since', () => {
      const replaced = view({ desired: { value: 'y', change: 'chg-2' } }, 'label');
      expect(isSeen(two, [standing('IN_SYNC'), replaced])).toBe(true);
      expect(progressOf(two, [standing('IN_SYNC'), replaced], true).state).toBe('SUPERSEDED');
    });
  });
});
