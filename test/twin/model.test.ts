import { describe, expect, it } from 'vitest';
import { modelProperties, propertiesOf, propertyMap, protocolOf } from '../../twin/model.ts';
import { device, model } from './objects.ts';

describe('the properties of a device', () => {
  it('[T3] are those of its model, in the model’s order', () => {
    const of = propertiesOf(
      device([{ name: 'b' }, { name: 'a' }]),
      model([{ name: 'a' }, { name: 'b' }, { name: 'c' }]),
    );
    expect(of.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  });

  it('[T3] leave out what only the instance names, and are none without a model', () => {
    expect(propertiesOf(device([{ name: 'ghost' }]), model([{ name: 'a' }])).map(({ name }) => name)).toEqual(
      ['a'],
    );
    expect(propertiesOf(device([{ name: 'ghost' }]), undefined)).toEqual([]);
  });

  it('[T3] count the first of a name that comes twice, in the model and in the instance', () => {
    const twice = model([
      { name: 'a', type: 'INT' },
      { name: 'a', type: 'STRING' },
    ]);
    const instance = device([
      { name: 'a', collectCycle: 50 },
      { name: 'a', collectCycle: 70 },
    ]);
    expect(propertiesOf(instance, twice)).toMatchObject([{ name: 'a', type: 'INT', collectCycleMs: 50 }]);
    expect(modelProperties(twice)).toMatchObject([{ type: 'INT' }]);
    expect(propertyMap(instance, twice).size).toBe(1);
  });

  it('[T3] take the instance’s visitor keys over the model’s, one by one', () => {
    const [property] = propertiesOf(
      device([{ name: 'a', visitors: { protocolName: 'modbus', configData: { offset: 7 } } }]),
      model([
        { name: 'a', visitors: { protocolName: 'modbus', configData: { offset: 1, register: 'coil' } } },
      ]),
    );
    expect(property?.visitor).toEqual({ offset: 7, register: 'coil' });
  });

  it.each([undefined, 0, -5])('[T3] read every second where the cycle is %s', (cycle) => {
    const [property] = propertiesOf(
      device([{ name: 'a', collectCycle: cycle, reportCycle: cycle }]),
      model([{ name: 'a' }]),
    );
    expect(property).toMatchObject({ collectCycleMs: 1000, reportCycleMs: 1000 });
  });

  it('[T3] know KubeEdge’s types in any case; an unknown one is STRING and an unknown access mode READ_ONLY', () => {
    const of = propertiesOf(
      device(),
      model([
        { name: 'a', type: 'double', accessMode: 'ReadWrite' },
        { name: 'b', type: 'QUATERNION', accessMode: 'Sometimes' },
        { name: 'c' },
      ]),
    );
    expect(of.map(({ type, accessMode }) => [type, accessMode])).toEqual([
      ['DOUBLE', 'READ_WRITE'],
      ['STRING', 'READ_ONLY'],
      ['STRING', 'READ_ONLY'],
    ]);
  });

  it.each([
    ['5', 5],
    [' -1.5e2 ', -150],
    ['', undefined],
    [' ', undefined],
    ['cold', undefined],
    ['0x10', undefined],
  ])('[T1] read the bound %j as %s', (text, bound) => {
    const [property] = propertiesOf(device(), model([{ name: 'a', minimum: text, maximum: text }]));
    expect([property?.minimum, property?.maximum]).toEqual([bound, bound]);
  });
});

describe('the protocol of a device', () => {
  it('fills in the model’s defaults and lower-cases the name', () => {
    const object = device();
    object.spec.protocol = { protocolName: 'ModBus', configData: { unit: 3 } };
    const defaults = model([]);
    defaults.spec.protocolConfigData = { unit: 1, port: 502 };
    expect(protocolOf(object, defaults)).toEqual({ protocolName: 'modbus', config: { unit: 3, port: 502 } });
  });
});
