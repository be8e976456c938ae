import type { DeviceModelObject, DeviceObject } from '../../twin/device-object.ts';
import { EPOCH } from './process.ts';
import type { Random } from './random.ts';

/** A model; with chance, one whose bounds and access mode may be others than before. */
export function model(name: string, random?: Random): DeviceModelObject {
  const maximum = name === 'narrow' && random?.chance(0.5) ? '6' : '100';
  const accessMode = random?.chance(0.2) ? 'ReadOnly' : 'ReadWrite';
  return {
    apiVersion: 'devices.kubeedge.io/v1beta1',
    kind: 'DeviceModel',
    metadata: { name, namespace: 'default' },
    spec: {
      protocol: 'modbus',
      properties: [
        { name: 'temperature', type: 'DOUBLE', accessMode: 'ReadOnly' },
        { name: 'setpoint', type: 'DOUBLE', accessMode, minimum: '0', maximum },
        { name: 'mode', type: 'STRING', accessMode: 'ReadWrite' },
      ],
    },
  };
}

/** A device; some of its properties are those of the model alone. */
export function device(
  name: string,
  nodeName: string | undefined,
  modelName: string,
  random: Random,
): DeviceObject {
  const cycles = { collectCycle: random.int(1, 3) * 500, reportCycle: 500 };
  const properties = ['temperature', 'setpoint', 'mode'].filter(
    (each) => each === 'temperature' || random.chance(0.7),
  );
  return {
    apiVersion: 'devices.kubeedge.io/v1beta1',
    kind: 'Device',
    metadata: { name, namespace: 'default', creationTimestamp: new Date(EPOCH).toISOString() },
    spec: {
      deviceModelRef: { name: modelName },
      ...(nodeName !== undefined && { nodeName }),
      protocol: { protocolName: 'modbus' },
      properties: properties.map((property) => ({ name: property, ...cycles })),
    },
  };
}
