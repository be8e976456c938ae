import { applyPatch } from 'rfc6902';
import { describe, expect, it } from 'vitest';
import { type DesiredPlan, planDesired } from '../../kubernetes/desired-patch.ts';
import type { DeviceObject, DevicePropertyObject } from '../../twin/device-object.ts';

const CHANGE = { 'octograph.dev/change': 'chg-1', 'octograph.dev/value': '21' };

function deviceWith(properties: DevicePropertyObject[] | undefined): DeviceObject {
  return {
    apiVersion: 'devices.kubeedge.io/v1beta1',
    kind: 'Device',
    metadata: { name: 'lamp', namespace: 'default', uid: 'uid-1', resourceVersion: '7' },
    spec: { properties },
  };
}

/** What the server makes of a plan for `seen`, when the device is `actual` by then. */
function applied(plan: DesiredPlan, actual: DeviceObject): DeviceObject | 'refused' {
  if (plan.kind !== 'patch') throw new Error(`expected a patch, got ${JSON.stringify(plan)}`);
  const object = structuredClone(actual);
  return applyPatch(object, plan.operations).every((error) => error === null) ? object : 'refused';
}

describe('the patch of desired values', () => {
  it('replaces a value, and with it our metadata but not that of others', () => {
    const device = deviceWith([
      { name: 'mode', desired: { value: 'auto' } },
      {
        name: 'target',
        reportCycle: 100,
        desired: {
          value: '20',
          metadata: { 'octograph.dev/set-by': 'ada', 'acme.io/note': 'kept', type: 'int' },
        },
      },
    ]);
    const plan = planDesired(device, [{ property: 'target', value: '21', metadata: CHANGE }]);
    expect(applied(plan, device)).toMatchObject({
      spec: {
        properties: [
          { name: 'mode', desired: { value: 'auto' } },
          { name: 'target', reportCycle: 100 },
        ],
      },
    });
    const after = applied(plan, device) as DeviceObject;
    expect(after.spec.properties![1]!.desired).toEqual({
      value: '21',
      metadata: { ...CHANGE, 'acme.io/note': 'kept', type: 'int' },
    });
  });

  it('is refused by the server when the value was set meanwhile', () => {
    const seen = deviceWith([{ name: 'target', desired: { value: '20' } }]);
    const plan = planDesired(seen, [{ property: 'target', value: '21', metadata: CHANGE }]);
    expect(applied(plan, deviceWith([{ name: 'target', desired: { value: '22' } }]))).toBe('refused');
  });

  it('is refused when only the metadata of others changed meanwhile: their keys would be lost', () => {
    const seen = deviceWith([{ name: 'target', desired: { value: '20' } }]);
    const plan = planDesired(seen, [{ property: 'target', value: '21', metadata: CHANGE }]);
    const actual = deviceWith([{ name: 'target', desired: { value: '20', metadata: { note: 'new' } } }]);
    expect(applied(plan, actual)).toBe('refused');
  });

  it('is refused when another property stands at the index, even with an equal value', () => {
    const seen = deviceWith([{ name: 'a', desired: { value: '1' } }]);
    const plan = planDesired(seen, [{ property: 'a', value: '2', metadata: CHANGE }]);
    const actual = deviceWith([
      { name: 'b', desired: { value: '1' } },
      { name: 'a', desired: { value: '1' } },
    ]);
    expect(applied(plan, actual)).toBe('refused');
  });

  it('is refused by a device of another uid', () => {
    const seen = deviceWith([{ name: 'a', desired: { value: '1' } }]);
    const plan = planDesired(seen, [{ property: 'a', value: '2', metadata: CHANGE }]);
    const actual = structuredClone(seen);
    actual.metadata.uid = 'uid-2';
    expect(applied(plan, actual)).toBe('refused');
  });

  it('goes through when another property was changed meanwhile', () => {
    const seen = deviceWith([
      { name: 'a', desired: { value: '1' } },
      { name: 'b', desired: { value: '1' } },
    ]);
    const plan = planDesired(seen, [{ property: 'a', value: '2', metadata: CHANGE }]);
    const actual = structuredClone(seen);
    actual.spec.properties![1]!.desired!.value = '9';
    actual.metadata.resourceVersion = '8';
    expect(applied(plan, actual)).toMatchObject({
      spec: { properties: [{ desired: { value: '2' } }, { desired: { value: '9' } }] },
    });
  });

  it.each([
    ['the property has no desired value', [{ name: 'target' }]],
    ['the property has no entry', [{ name: 'mode' }]],
    ['the device has an empty list', []],
    ['the device has no list', undefined],
  ])('adds what is missing when %s, and only to the version that it saw', (_name, properties) => {
    const device = deviceWith(properties);
    const plan = planDesired(device, [{ property: 'target', value: '21', metadata: CHANGE }]);
    const after = applied(plan, device) as DeviceObject;
    const target = after.spec.properties!.filter(({ name }) => name === 'target');
    expect(target).toEqual([{ name: 'target', desired: { value: '21', metadata: CHANGE } }]);
    const later = structuredClone(device);
    later.metadata.resourceVersion = '8';
    expect(applied(plan, later)).toBe('refused');
  });

  it('brings several values in one patch, new properties included', () => {
    const device = deviceWith([{ name: 'a', desired: { value: '1' } }, { name: 'b' }]);
    const writes = ['a', 'b', 'c', 'd'].map((property) => ({ property, value: '5', metadata: CHANGE }));
    const after = applied(planDesired(device, writes), device) as DeviceObject;
    expect(after.spec.properties!.map(({ name, desired }) => [name, desired?.value])).toEqual([
      ['a', '5'],
      ['b', '5'],
      ['c', '5'],
      ['d', '5'],
    ]);
  });

  it('is not needed where the same change stands already', () => {
    const device = deviceWith([{ name: 'a', desired: { value: '21', metadata: { ...CHANGE, note: 'x' } } }]);
    const write = { property: 'a', value: '21', metadata: CHANGE, expected: '20' };
    expect(planDesired(device, [write])).toEqual({ kind: 'done' });
  });

  it.each([
    ['another value', [{ name: 'a', desired: { value: '3' } }], '2', '3'],
    ['no value', [{ name: 'a' }], '2', null],
    ['an empty value, which is none', [{ name: 'a', desired: { value: '' } }], '2', null],
    ['a value where none is expected', [{ name: 'a', desired: { value: '3' } }], null, '3'],
  ])('is not made when %s stands there', (_name, properties, expected, actual) => {
    const write = { property: 'a', value: '9', metadata: CHANGE, expected };
    expect(planDesired(deviceWith(properties), [write])).toEqual({ kind: 'changed', property: 'a', actual });
  });

  it.each([
    ['the expected value', [{ name: 'a', desired: { value: '2' } }], '2'],
    ['none, as expected', [], null],
    ['an empty value where none is expected', [{ name: 'a', desired: { value: '' } }], null],
  ])('is made when %s stands there', (_name, properties, expected) => {
    const device = deviceWith(properties);
    const plan = planDesired(device, [{ property: 'a', value: '9', metadata: CHANGE, expected }]);
    expect(applied(plan, device)).toMatchObject({ spec: { properties: [{ desired: { value: '9' } }] } });
  });
});
