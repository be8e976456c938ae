import { describe, expect, it } from 'vitest';
import { encodeDesired } from '../../twin/desired.ts';
import { viewFromCloud, viewFromEdge } from '../../twin/view.ts';
import { device, NOW, property, twin } from './objects.ts';

const SET = { value: 21.5, change: 'chg-1', setBy: 'ada', setAt: NOW };
const object = device([{ name: 'setpoint', desired: encodeDesired(SET) }]);
const replica = twin({
  seq: 7,
  observedDesired: SET,
  confirmed: 21.5,
  reported: { value: 21.5, quality: 'GOOD', observedAt: NOW },
  sync: { state: 'IN_SYNC', change: 'chg-1', since: NOW },
});

describe('a twin in the cloud', () => {
  it('[T10] shows the node’s state where the node observed what is desired', () => {
    expect(viewFromCloud(object, property(), replica)).toMatchObject({
      desired: SET,
      sync: replica.sync,
      seq: 7,
    });
  });

  it('[T10] is PENDING until the node observed this very wish', () => {
    const newer = device([
      { name: 'setpoint', desired: encodeDesired({ ...SET, change: 'chg-2', setAt: NOW + 5 }) },
    ]);
    expect(viewFromCloud(newer, property(), replica)).toMatchObject({
      desired: { value: 21.5, change: 'chg-2' },
      observedDesired: { change: 'chg-1' },
      reported: { value: 21.5 },
      sync: { state: 'PENDING', change: 'chg-2', since: NOW + 5 },
    });
    expect(viewFromCloud(object, property(), undefined)).toMatchObject({
      sync: { state: 'PENDING' },
      seq: 0,
    });
  });

  it('[T10] is NONE where nothing is desired, though the node still observes something', () => {
    expect(viewFromCloud(device(), property(), replica)).toMatchObject({
      desired: undefined,
      observedDesired: SET,
      sync: { state: 'NONE' },
    });
    expect(viewFromCloud(device(), property(), undefined).sync).toEqual({ state: 'NONE' });
  });

  it('[T10] says nothing of a device of another uid', () => {
    const reborn = device([], 'uid-2');
    expect(viewFromCloud(reborn, property(), replica)).toMatchObject({ reported: undefined, seq: 0 });
  });

  it('[T6] shows the refusal of a value that does not fit, once the node saw it', () => {
    const readOnly = property({ accessMode: 'READ_ONLY' });
    const misfit = { ...SET, misfit: 'setpoint is READ_ONLY: it takes no desired value' };
    const refused = twin({
      observedDesired: misfit,
      sync: { state: 'REJECTED', change: 'chg-1', since: NOW, reason: misfit.misfit },
    });
    expect(viewFromCloud(object, readOnly, replica).sync.state).toBe('PENDING');
    expect(viewFromCloud(object, readOnly, refused).sync).toMatchObject({
      state: 'REJECTED',
      reason: misfit.misfit,
    });
  });
});

it('at the edge, what the node acts on is what is wanted', () => {
  expect(viewFromEdge(property(), replica)).toMatchObject({
    desired: SET,
    observedDesired: SET,
    sync: replica.sync,
  });
  expect(viewFromEdge(property(), undefined)).toMatchObject({ sync: { state: 'NONE' }, seq: 0 });
});
