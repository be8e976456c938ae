import type { DeviceObject } from './device-object.ts';

/** What a device names and the cluster lacks. */
export interface DeviceProblem {
  reason: 'ModelNotFound' | 'NodeNotFound';
  message: string;
}

/** What there is to be named. */
export interface KnownObjects {
  hasModel(namespace: string, name: string): boolean;
  hasNode(name: string): boolean;
}

export function problemsOf(
  { metadata, spec }: DeviceObject,
  { hasModel, hasNode }: KnownObjects,
): DeviceProblem[] {
  const problems: DeviceProblem[] = [];
  const namespace = metadata.namespace ?? 'default';
  const model = spec.deviceModelRef?.name;
  if (!model) {
    const message = 'spec.deviceModelRef names no DeviceModel: the device has no properties';
    problems.push({ reason: 'ModelNotFound', message });
  } else if (!hasModel(namespace, model)) {
    const message = `DeviceModel ${model} does not exist in namespace ${namespace}: the device has no properties`;
    problems.push({ reason: 'ModelNotFound', message });
  }
  // A device without a node is one that waits for its place; that is no mistake.
  if (spec.nodeName && !hasNode(spec.nodeName)) {
    const message = `Node ${spec.nodeName} does not exist: nobody reaches the device`;
    problems.push({ reason: 'NodeNotFound', message });
  }
  return problems;
}
