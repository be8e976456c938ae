import { describe, expect, it } from 'vitest';
import type { DeviceModelObject, DeviceObject } from '../../twin/device-object.ts';
import {
  findingsOfChange,
  findingText,
  type ModelLookup,
  validateDevice,
  validateModel,
} from '../../twin/validate.ts';

type ModelProperty = NonNullable<DeviceModelObject['spec']['properties']>[number];

const modelWith = (...properties: ModelProperty[]): DeviceModelObject => ({
  apiVersion: 'devices.kubeedge.io/v1beta1',
  kind: 'DeviceModel',
  metadata: { name: 'thermostat', namespace: 'default' },
  spec: { properties },
});

const THERMOSTAT = modelWith(
  { name: 'temperature', type: 'FLOAT', accessMode: 'ReadOnly' },
  { name: 'setpoint', type: 'FLOAT', accessMode: 'ReadWrite', minimum: '5', maximum: '35', unit: '°C' },
  { name: 'mode', type: 'INT', accessMode: 'ReadWrite' },
  { name: 'enabled', type: 'BOOLEAN', accessMode: 'ReadWrite' },
  { name: 'key', type: 'BYTES', accessMode: 'ReadWrite' },
);

const deviceWith = (spec: Partial<DeviceObject['spec']>): DeviceObject => ({
  apiVersion: 'devices.kubeedge.io/v1beta1',
  kind: 'Device',
  metadata: { name: 'lamp', namespace: 'default' },
  spec: { deviceModelRef: { name: 'thermostat' }, ...spec },
});

const desired = (name: string, value: string) => ({ name, desired: { value } });

const found: ModelLookup = { kind: 'found', model: THERMOSTAT };
const errorsOf = (device: DeviceObject, lookup: ModelLookup = found) =>
  validateDevice(device, lookup)
    .filter(({ severity }) => severity === 'error')
    .map(findingText);

describe('the check of a device', () => {
  it('finds nothing wrong with values that fit, and with empty ones, which are none', () => {
    const properties = [
      desired('temperature', ''),
      desired('setpoint', '35'),
      desired('mode', '-3'),
      desired('enabled', 'true'),
      desired('key', 'AAE='),
    ];
    expect(validateDevice(deviceWith({ properties }), found)).toEqual([]);
  });

  it.each([
    ['setpoint', '35.5', 'setpoint: 35.5 is above the maximum 35 °C'],
    ['setpoint', '4', 'setpoint: 4 is below the minimum 5 °C'],
    ['setpoint', 'warm', 'setpoint is FLOAT: expected a finite number, got "warm"'],
    ['mode', '1.5', 'mode is INT: expected an integer, got "1.5"'],
    ['enabled', 'on', 'enabled is BOOLEAN: expected true or false, got "on"'],
    ['key', 'not base64', 'key is BYTES: expected base64 text, got "not base64"'],
    ['temperature', '20', '"20" is set for temperature, which is ReadOnly; expected no desired value'],
  ])('refuses %s = %s by its path and what was expected', (name, value, message) => {
    const device = deviceWith({ properties: [desired('mode', '1'), desired(name, value)] });
    const [finding] = errorsOf(device).filter((text) => text.includes('[1].desired'));
    expect(finding).toBe(`spec.properties[1].desired.value: ${message}`);
  });

  it('refuses a name that is there twice, among properties and among methods', () => {
    const properties = [{ name: 'mode' }, { name: 'setpoint' }, { name: 'mode' }];
    const methods = [{ name: 'reset' }, { name: 'reset' }, { name: '' }];
    expect(errorsOf(deviceWith({ properties, methods }))).toEqual([
      'spec.properties[2].name: "mode" is the name of spec.properties[0] already; expected unique names',
      'spec.methods[1].name: "reset" is the name of spec.methods[0] already; expected unique names',
      'spec.methods[2].name: is empty; expected a name',
    ]);
  });

  it('refuses a desired value of a property that the model lacks, and warns of the property alone', () => {
    const [alone, wanted] = validateDevice(
      deviceWith({ properties: [{ name: 'colour' }, desired('color', 'red')] }),
      found,
    );
    expect(alone).toMatchObject({ severity: 'warning', field: 'spec.properties[0].name' });
    expect(wanted).toEqual({
      severity: 'error',
      field: 'spec.properties[1].name',
      message:
        '"color" is no property of DeviceModel thermostat; expected one of: temperature, setpoint, mode, enabled, key',
    });
  });

  it('refuses a model that is not named or does not exist, and warns of one that nobody knows about now', () => {
    expect(errorsOf(deviceWith({}), { kind: 'missing' })).toEqual([
      'spec.deviceModelRef.name: "thermostat" does not exist; expected the name of a DeviceModel in namespace default',
    ]);
    expect(errorsOf(deviceWith({ deviceModelRef: undefined }), found)).toEqual([
      'spec.deviceModelRef.name: is not set; expected the name of a DeviceModel in namespace default',
    ]);
    const unknown: ModelLookup = { kind: 'unknown', why: 'the API server does not answer' };
    expect(validateDevice(deviceWith({ properties: [desired('setpoint', 'warm')] }), unknown)).toEqual([
      {
        severity: 'warning',
        field: 'spec.deviceModelRef.name',
        message: '"thermostat" was not checked: the API server does not answer',
      },
    ]);
  });

  it('refuses cycles that are negative', () => {
    const properties = [{ name: 'mode', collectCycle: -1, reportCycle: 0 }];
    expect(errorsOf(deviceWith({ properties }))).toEqual([
      'spec.properties[0].collectCycle: -1 is negative; expected milliseconds, 0 meaning 1000',
    ]);
  });
});

describe('the check of a model', () => {
  const check = (...properties: ModelProperty[]) => validateModel(modelWith(...properties)).map(findingText);

  it('finds nothing wrong with one that fits', () => {
    expect(validateModel(THERMOSTAT)).toEqual([]);
    expect(check({ name: 'a', type: 'INT', minimum: '-1e3', maximum: '1e3' })).toEqual([]);
    expect(check({ name: 'a', type: 'INT', minimum: '7', maximum: '7' }, { name: 'b', minimum: '' })).toEqual(
      [],
    );
  });

  it('refuses names that are there twice, unknown types and access modes', () => {
    expect(check({ name: 'a', type: 'NUMBER' }, { name: 'a', accessMode: 'WriteOnly' })).toEqual([
      'spec.properties[1].name: "a" is the name of spec.properties[0] already; expected unique names',
      'spec.properties[0].type: "NUMBER" is unknown; expected one of: INT, FLOAT, DOUBLE, STRING, BOOLEAN, BYTES, STREAM',
      'spec.properties[1].accessMode: "WriteOnly" is unknown; expected one of: ReadWrite, ReadOnly',
    ]);
  });

  it('refuses bounds that are no numbers or the wrong way round, and warns where they have no effect', () => {
    expect(check({ name: 'a', type: 'INT', minimum: 'low', maximum: 'Infinity' })).toEqual([
      'spec.properties[0].minimum: "low" is no number; expected a decimal number as text',
      'spec.properties[0].maximum: "Infinity" is no number; expected a decimal number as text',
    ]);
    expect(check({ name: 'a', type: 'DOUBLE', minimum: '40', maximum: '35' })).toEqual([
      'spec.properties[0].minimum: 40 is above the maximum 35; expected minimum ≤ maximum',
    ]);
    expect(validateModel(modelWith({ name: 'a', type: 'STRING', maximum: '5' }))).toEqual([
      {
        severity: 'warning',
        field: 'spec.properties[0].maximum',
        message: '"5" has no effect on STRING; expected it on INT, FLOAT, DOUBLE',
      },
    ]);
  });
});

describe('a change', () => {
  it('answers for what it brings, and is only warned of what stood there before', () => {
    const before = validateDevice(deviceWith({ properties: [desired('setpoint', '99')] }), found);
    const after = validateDevice(
      deviceWith({ properties: [desired('mode', 'x'), desired('setpoint', '99')] }),
      found,
    );
    expect(findingsOfChange(before, after).map(({ severity, field }) => [severity, field])).toEqual([
      ['error', 'spec.properties[0].desired.value'],
      ['warning', 'spec.properties[1].desired.value'],
    ]);
  });
});
