import type { DeviceModelObject, DeviceObject, ModelPropertyObject } from '../../twin/device-object.ts';

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
    desired = {},
  }: DeviceWish = {},
): DeviceObject {
  return {
    apiVersion: 'devices.kubeedge.io/v1beta1',
    kind: 'Device',
    metadata: { name, namespace: 'default', uid, resourceVersion },
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
