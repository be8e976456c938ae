import type { DeviceModelObject, DeviceObject } from '../../twin/device-object.ts';
import type { NodeObject } from '../../twin/node-object.ts';

/** Of a device, where nothing else is said. */
export const PROPERTIES = 10;

/** A model, and devices of it on edge node `bench` with properties p0, p1, …, read once a second. */
export function devicesOf(
  protocolName: string,
  count: number,
  visitor: (property: number, device: string) => Record<string, unknown>,
  configData: Record<string, unknown> = {},
  properties = PROPERTIES,
): NodeObject[] {
  const metadataOf = (name: string) => ({ name, namespace: 'default', uid: name, resourceVersion: '1' });
  const model: DeviceModelObject = {
    apiVersion: 'devices.kubeedge.io/v1beta1',
    kind: 'DeviceModel',
    metadata: metadataOf(protocolName),
    spec: {
      protocol: protocolName,
      properties: Array.from({ length: properties }, (_, p) => ({
        name: `p${p}`,
        type: 'DOUBLE',
        accessMode: 'ReadWrite',
      })),
    },
  };
  const devices = Array.from({ length: count }, (_, n): DeviceObject => {
    const name = `${protocolName}${n}`;
    return {
      apiVersion: 'devices.kubeedge.io/v1beta1',
      kind: 'Device',
      metadata: metadataOf(name),
      spec: {
        deviceModelRef: { name: protocolName },
        nodeName: 'bench',
        protocol: { protocolName, configData },
        properties: Array.from({ length: properties }, (_, p) => ({
          name: `p${p}`,
          collectCycle: 1000,
          reportCycle: 1000,
          visitors: { protocolName, configData: visitor(p, name) },
        })),
      },
    };
  });
  return [model, ...devices];
}
