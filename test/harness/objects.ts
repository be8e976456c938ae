import type { DeviceModelObject, DeviceObject, ModelPropertyObject } from '../../twin/device-object.ts';
import type { Machine } from '../../twin/machine.ts';

/** A DeviceModel of Kubernetes, by default of a thermostat. */
export function modelObject(
  name = 'thermostat',
  properties: ModelPropertyObject[] = [
    { name: 'temperature', type: 'DOUBLE', accessMode: 'ReadOnly', unit: '°C' },
    { name: 'setpoint', type: 'DOUBLE', accessMode: 'ReadWrite', minimum: '5', maximum: '30' },
    { name: 'mode', type: 'STRING', accessMode: 'ReadWrite' },
  ],
): DeviceModelObject {
  return {
    apiVersion: 'devices.kubeedge.io/v1beta1',
    kind: 'DeviceModel',
    metadata: { name, namespace: 'default', uid: `uid-model-${name}`, resourceVersion: '1' },
    spec: { protocol: 'modbus', properties },
  };
}

export interface DeviceWish {
  uid?: string;
  nodeName?: string | null;
  model?: string;
  resourceVersion?: string;
  annotations?: Record<string, string>;
  /** Desired values by property, as a plain `kubectl` sets them; or with metadata. */
  desired?: Record<string, string | { value: string; metadata: Record<string, string> }>;
}

/** A Device of Kubernetes, by default bound to edge-a. */
export function deviceObject(
  name: string,
  {
    uid = `uid-${name}`,
    nodeName = 'edge-a',
    model = 'thermostat',
    resourceVersion = '1',
    annotations,
    desired = {},
  }: DeviceWish = {},
): DeviceObject {
  return {
    apiVersion: 'devices.kubeedge.io/v1beta1',
    kind: 'Device',
    metadata: { name, namespace: 'default', uid, resourceVersion, ...(annotations && { annotations }) },
    spec: {
      deviceModelRef: { name: model },
      ...(nodeName !== null && { nodeName }),
      protocol: { protocolName: 'modbus' },
      properties: Object.entries(desired).map(([property, value]) => ({
        name: property,
        desired: typeof value === 'string' ? { value } : value,
        collectCycle: 200,
        reportCycle: 200,
      })),
    },
  };
}

/** A small computer of the field, under no pressure. */
export function machine(fields: Partial<Machine> = {}): Machine {
  return {
    hostname: 'plant-pc',
    addresses: ['10.0.0.7', 'fd00::7'],
    cpus: 4,
    memoryBytes: 8_142_606_336,
    storageBytes: 32 * 1024 ** 3,
    architecture: 'arm64',
    operatingSystem: 'linux',
    osImage: 'Debian GNU/Linux 12 (bookworm)',
    kernelVersion: '6.1.0-25-arm64',
    machineId: '3d1219c7c4c5404aaa1f6d2a48adfda4',
    systemUuid: '4c4c4544-0042-4a10-8054-b3c04f565931',
    bootId: 'ce531f5b-d8b8-4d89-b1f3-0fff6d9fd86b',
    pressure: { memory: false, disk: false, pids: false },
    ...fields,
  };
}
