import { describe, expect, it } from 'vitest';
import { checkLocalOnly } from '../../twin/change.ts';
import type { DeviceModelObject, DeviceObject } from '../../twin/device-object.ts';
import { LOCAL_ONLY, localOnlyOf, methodIsLocalOnly } from '../../twin/local-only.ts';
import { propertyMap } from '../../twin/model.ts';
import { viewFromCloud } from '../../twin/view.ts';
import { type DeviceWish, deviceObject, modelObject } from '../harness/objects.ts';

const annotated = <T extends DeviceObject | DeviceModelObject>(object: T, value: string): T => ({
  ...object,
  metadata: { ...object.metadata, annotations: { [LOCAL_ONLY]: value } },
});
const pump = (value?: string, wish?: DeviceWish) => {
  const device = deviceObject('pump', wish);
  return value === undefined ? device : annotated(device, value);
};
const MODEL = modelObject();
const ALL = ['temperature', 'setpoint', 'mode'];
const kept = (device: DeviceObject, model = MODEL) => {
  const { device: isWhole, keeps, problems } = localOnlyOf(device, model);
  return { isWhole, names: ALL.filter(keeps), problems: problems.length };
};

describe('[T23] the annotation', () => {
  it.each([
    [undefined, { isWhole: false, names: [], problems: 0 }],
    ['false', { isWhole: false, names: [], problems: 0 }],
    ['true', { isWhole: true, names: ALL, problems: 0 }],
    ['temperature', { isWhole: false, names: ['temperature'], problems: 0 }],
    [' mode ,temperature', { isWhole: false, names: ['temperature', 'mode'], problems: 0 }],
  ])('%o names what stays', (value, expected) => {
    expect(kept(pump(value))).toEqual(expected);
  });

  it.each([
    '',
    'yes',
    'True',
    'temprature',
    'temperature,',
    'temperature;mode',
    'true,mode',
    '1',
    '*',
    '["mode"]',
  ])('%o cannot be followed: all of it stays, and that is said', (value) => {
    expect(kept(pump(value))).toEqual({ isWhole: true, names: ALL, problems: 1 });
  });

  it('says what stands there, what it expected and what the model has, in the length of an Event', () => {
    const [problem] = localOnlyOf(pump('mode,temprature'), MODEL).problems;
    expect(problem).toContain('octograph.dev/local-only is "mode,temprature"');
    expect(problem).toContain('(temperature, setpoint, mode), not "temprature"');
    const long = localOnlyOf(pump('x'.repeat(100_000)), modelObject('big', bigModel())).problems[0];
    expect(Buffer.byteLength(long ?? '')).toBeLessThan(1024);
  });

  it('of the device and that of its model count together', () => {
    expect(kept(pump('mode'), annotated(MODEL, 'setpoint')).names).toEqual(['setpoint', 'mode']);
    expect(kept(pump('false'), annotated(MODEL, 'true'))).toMatchObject({ isWhole: true });
  });

  it('on a device without its model keeps all of it: nobody can tell what the names are', () => {
    expect(localOnlyOf(pump('mode'), undefined).device).toBe(true);
    expect(localOnlyOf(pump(), undefined).device).toBe(false);
  });
});

it('[T24] the cloud shows what is wanted, and nothing of what became of it', () => {
  const device = pump('setpoint', { desired: { setpoint: '21' } });
  const property = propertyMap(device, MODEL).get('setpoint')!;
  const twin = {
    device: 'default/pump',
    uid: 'uid-pump',
    property: 'setpoint',
    seq: 7,
    reported: { value: 21, quality: 'GOOD' as const, observedAt: 1 },
    observedDesired: { value: 21 },
    sync: { state: 'IN_SYNC' as const, since: 1 },
  };
  const { desired, reported, observedDesired, sync, seq } = viewFromCloud(device, property, twin);
  expect({ desired, reported, observedDesired, state: sync.state, seq }).toEqual({
    desired: expect.objectContaining({ value: 21 }),
    reported: undefined,
    observedDesired: undefined,
    state: 'PENDING',
    seq: 0,
  });
});

describe('[T25] a request', () => {
  const properties = propertyMap(pump('mode,temperature'), MODEL);
  const value = (property: string) => ({ property, value: null });
  const condition = (property: string) => ({ property, value: { eq: 1 } });
  it.each([
    ['outside', ['setpoint'], [], undefined],
    ['outside', ['setpoint', 'mode'], [], 'mode'],
    ['outside', ['setpoint'], ['temperature'], 'temperature'],
    ['at the node', ['setpoint', 'mode'], [], undefined],
    ['at the node', ['setpoint'], ['temperature'], 'temperature'],
    ['at the node', ['mode'], ['temperature'], undefined],
    ['at the node', ['mode', 'setpoint'], ['temperature'], 'temperature'],
  ])('%s that sets %j if %j', (where, set, judged, culprit) => {
    const refusal = checkLocalOnly(properties, set.map(value), judged.map(condition), where === 'outside');
    expect(refusal?.property).toBe(culprit);
    expect(refusal?.code).toBe(culprit && 'LOCAL_ONLY');
  });
});

it('[T25] a method is local only where it names such a property, or none beside one', () => {
  const methods = [
    { name: 'open', propertyNames: ['setpoint'] },
    { name: 'reset', propertyNames: ['setpoint', 'mode'] },
    { name: 'tell' },
  ];
  const device = (localOnly?: string) => {
    const object = pump(localOnly);
    return { ...object, spec: { ...object.spec, methods } };
  };
  const kept = (localOnly?: string) =>
    methods.map(({ name }) => name).filter((name) => methodIsLocalOnly(device(localOnly), MODEL, name));
  expect(kept()).toEqual([]);
  expect(kept('mode')).toEqual(['reset', 'tell']);
  expect(kept('true')).toEqual(['open', 'reset', 'tell']);
});

function bigModel() {
  return Array.from({ length: 1000 }, (_, n) => ({ name: `${'p'.repeat(60)}${n}`, type: 'INT' }));
}
