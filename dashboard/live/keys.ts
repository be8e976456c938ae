/** Names a device; two of the same name in different namespaces are two. */
export interface DeviceRef {
  namespace: string;
  name: string;
}

/** Neither a namespace nor a name of Kubernetes contains a slash, and the device part has exactly one. */
export const deviceKey = ({ namespace, name }: DeviceRef): string => `${namespace}/${name}`;
export const twinKey = (device: DeviceRef, property: string): string => `${deviceKey(device)}/${property}`;
