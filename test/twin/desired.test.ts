import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  desiredOf,
  desiredText,
  effectiveDesired,
  encodeDesired,
  judgeProposal,
  proposalSettled,
  replacing,
} from '../../twin/desired.ts';
import type { TwinProperty } from '../../twin/device-object.ts';
import type { Desired, Proposal } from '../../twin/twin.ts';
import { device, NOW, property } from './objects.ts';

const MODEL = property({ minimum: 5, maximum: 30 });
const STRING = property({ type: 'STRING' });
const standing = (desired: TwinProperty | undefined, uid?: string) =>
  device([{ name: 'setpoint', desired }], uid);
const SET: Desired = { value: 21.5, change: 'chg-1', setBy: 'ada', setAt: NOW };

describe('the desired value of a Device', () => {
  it('[T4] comes back as it was written, with who, when and which change', () => {
    expect(desiredOf(standing(encodeDesired(SET)), MODEL)).toEqual(SET);
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.option(fc.string({ minLength: 1 }), { nil: undefined }),
        (value, change) => {
          const read = desiredOf(standing(encodeDesired({ value, change })), STRING);
          expect(read).toMatchObject(change === undefined ? { value } : { value, change });
        },
      ),
    );
  });

  it('[T4] loses its provenance when plain kubectl sets another value', () => {
    const { metadata } = encodeDesired(SET);
    expect(desiredOf(standing({ value: '22', metadata }), MODEL)).toEqual({ value: 22 });
  });

  it('[T4] keeps it when kubectl sets the same value', () => {
    const { metadata } = encodeDesired(SET);
    expect(desiredOf(standing({ value: '21.5', metadata }), MODEL)).toEqual(SET);
  });

  it('[T4] is none where nothing stands, or an empty value that nobody of ours wrote', () => {
    const { metadata } = encodeDesired(SET);
    for (const object of [
      device(),
      standing(undefined),
      standing({ value: '' }),
      standing({ value: '', metadata }),
      standing({} as TwinProperty),
    ]) {
      expect(desiredOf(object, MODEL)).toBeUndefined();
      expect(desiredText(object, 'setpoint')).toBeNull();
    }
  });

  it('[T4] tells the empty text from no value', () => {
    const empty = standing(encodeDesired({ value: '', change: 'chg-1' }));
    const cleared = standing(encodeDesired({ value: null, change: 'chg-2' }));
    expect(desiredOf(empty, STRING)).toMatchObject({ value: '', change: 'chg-1' });
    expect(desiredText(empty, 'setpoint')).toBe('');
    expect(desiredOf(cleared, STRING)).toBeUndefined();
  });

  it('[T4] survives a set-at that is no date', () => {
    const { value, metadata } = encodeDesired(SET);
    const object = standing({ value, metadata: { ...metadata, 'octograph.dev/set-at': 'yesterday' } });
    expect(desiredOf(object, MODEL)).toEqual({ ...SET, setAt: undefined });
  });

  it('[T3] is the first of two entries with the same name', () => {
    const object = device([
      { name: 'setpoint', desired: { value: '20' } },
      { name: 'setpoint', desired: { value: '25' } },
    ]);
    expect(desiredOf(object, MODEL)?.value).toBe(20);
  });

  it.each([
    ['99', 'setpoint: 99 is above the maximum 30'],
    ['warm', 'setpoint is DOUBLE: expected a finite number, got "warm"'],
  ])('[T6] that does not fit the model says why: %s', (value, misfit) => {
    expect(desiredOf(standing({ value }), MODEL)).toEqual({ value: value === '99' ? '99' : value, misfit });
  });

  it('[T6] does not fit a READ_ONLY property', () => {
    const readOnly = { ...MODEL, accessMode: 'READ_ONLY' as const };
    expect(desiredOf(standing(encodeDesired(SET)), readOnly)).toMatchObject({
      value: 21.5,
      misfit: 'setpoint is READ_ONLY: it takes no desired value',
    });
  });

  it('is named to its replacer as it stands, however it is written', () => {
    expect(desiredText(standing({ value: '21.50' }), 'setpoint')).toBe('21.50');
    expect(desiredOf(standing({ value: '21.50' }), MODEL)?.value).toBe(21.5);
  });
});

describe('a proposal', () => {
  const proposal: Proposal = {
    change: 'chg-edge',
    device: 'plant/boiler',
    uid: 'uid-1',
    property: 'setpoint',
    desired: { value: 25, change: 'chg-edge', setBy: 'ada', setAt: NOW },
    base: 21.5,
    baseChange: 'chg-1',
  };
  const accepted = { ...proposal, accepted: true };
  const base = standing(encodeDesired(SET));

  it('[T11] goes before what the cloud wants', () => {
    expect(effectiveDesired(MODEL, SET, undefined)).toBe(SET);
    expect(effectiveDesired(MODEL, SET, proposal)).toBe(proposal.desired);
    expect(effectiveDesired(MODEL, undefined, undefined)).toBeUndefined();
  });

  it('[T11] clears with null', () => {
    const clearing = { ...proposal, desired: { ...proposal.desired, value: null } };
    expect(effectiveDesired(MODEL, SET, clearing)).toBeUndefined();
  });

  it('[T6] that the model no longer takes says why', () => {
    expect(effectiveDesired({ ...MODEL, maximum: 24 }, SET, proposal)?.misfit).toBe(
      'setpoint: 25 is above the maximum 24',
    );
  });

  it('[T12] that is open outlives every Device object', () => {
    expect(proposalSettled(proposal, standing(encodeDesired(proposal.desired)), MODEL)).toBe(false);
    expect(proposalSettled(proposal, standing({ value: '7' }), MODEL)).toBe(false);
  });

  it('[T12] that was accepted waits for the Device that shows it', () => {
    expect(proposalSettled(accepted, base, MODEL)).toBe(false);
    // What stood there before is what somebody made of it since, where the generation says so.
    const of = (generation: number) => ({ ...base, metadata: { ...base.metadata, generation } });
    expect([4, 5, 6].map((each) => proposalSettled({ ...accepted, generation: 5 }, of(each), MODEL))).toEqual(
      [false, true, true],
    );
    expect(proposalSettled({ ...accepted, generation: undefined }, of(6), MODEL)).toBe(false);
    expect(proposalSettled(accepted, standing(encodeDesired(proposal.desired)), MODEL)).toBe(true);
  });

  it('[T12] that was accepted ends when the cloud has moved on', () => {
    expect(proposalSettled(accepted, standing(encodeDesired({ value: 9, change: 'chg-9' })), MODEL)).toBe(
      true,
    );
    expect(proposalSettled(accepted, standing(encodeDesired({ value: 21.5, change: 'chg-9' })), MODEL)).toBe(
      true,
    );
    expect(proposalSettled(accepted, standing(undefined), MODEL)).toBe(true);
  });

  it('[T12] that was accepted ends when kubectl put the base back over it before the node looked', () => {
    const { metadata } = encodeDesired(proposal.desired);
    expect(proposalSettled(accepted, standing({ value: '21.5', metadata }), MODEL)).toBe(true);
  });

  it('[T12] that was accepted waits while an earlier proposal of the node comes back, and for no other value of its change', () => {
    const earlier = { ...proposal, change: 'chg-edge-1', desired: { value: 24, change: 'chg-edge-1' } };
    const second = replacing(earlier, accepted);
    expect(proposalSettled(second, standing(encodeDesired(earlier.desired)), MODEL)).toBe(false);
    expect(proposalSettled(second, standing(encodeDesired(accepted.desired)), MODEL)).toBe(true);
    const { metadata } = encodeDesired(earlier.desired);
    expect(proposalSettled(second, standing({ value: '9', metadata }), MODEL)).toBe(true);
  });

  it('[T12] remembers the newest 16 that it took the place of', () => {
    let latest: Proposal = proposal;
    for (let n = 1; n <= 20; n++) latest = replacing(latest, { ...proposal, change: `chg-${n}` });
    expect(latest.replaced).toEqual(Array.from({ length: 16 }, (_, n) => `chg-${n + 4}`));
  });

  it('[T12] that was accepted over nothing ends when another change cleared it', () => {
    const overNothing: Proposal = { ...accepted, base: null, baseChange: undefined };
    const cleared = standing(encodeDesired({ value: null, change: 'chg-clear' }));
    expect(proposalSettled(overNothing, cleared, MODEL)).toBe(true);
  });

  it('[T12] of nothing over nothing ends with its own change', () => {
    const clearing: Proposal = {
      ...accepted,
      desired: { ...proposal.desired, value: null },
      base: null,
      baseChange: undefined,
    };
    expect(proposalSettled(clearing, standing(undefined), MODEL)).toBe(false);
    expect(proposalSettled(clearing, standing(encodeDesired(clearing.desired)), MODEL)).toBe(true);
  });

  it('[T13] is accepted while uid and base stand, whoever set the base', () => {
    expect(judgeProposal(proposal, 'uid-1', SET)).toEqual({ accepted: true });
    expect(judgeProposal(proposal, 'uid-1', { value: 21.5 })).toEqual({ accepted: true });
    expect(judgeProposal({ ...proposal, base: null }, 'uid-1', undefined)).toEqual({ accepted: true });
  });

  it('[T13] loses to another value, which the verdict names, and to another device', () => {
    expect(judgeProposal(proposal, 'uid-1', { value: 7 })).toMatchObject({
      accepted: false,
      reason: 'setpoint was set to 7 in the cloud meanwhile; the cloud wins',
    });
    expect(judgeProposal(proposal, 'uid-1', undefined).accepted).toBe(false);
    expect(judgeProposal(proposal, 'uid-2', SET).accepted).toBe(false);
    expect(judgeProposal(proposal, undefined, SET).accepted).toBe(false);
  });
});
