import type { DeviceModelObject, DeviceObject } from './device-object.ts';
import { localOnlyOf } from './local-only.ts';

/** What a device names and the cluster lacks, or says and nobody can follow. */
export interface DeviceProblem {
  reason: 'ModelNotFound' | 'NodeNotFound' | 'LocalOnlyInvalid';
  message: string;
}

/** What there is to be named. */
export interface KnownObjects {
  model(namespace: string, name: string): DeviceModelObject | undefined;
  hasNode(name: string): boolean;
}

export function problemsOf(device: DeviceObject, { model, hasNode }: KnownObjects): DeviceProblem[] {
  const { metadata, spec } = device;
  const problems: DeviceProblem[] = [];
  const namespace = metadata.namespace ?? 'default';
  const modelName = spec.deviceModelRef?.name;
  const found = modelName ? model(namespace, modelName) : undefined;
  if (!modelName) {
    const message = 'spec.deviceModelRef names no DeviceModel: the device has no properties';
    problems.push({ reason: 'ModelNotFound', message });
  } else if (!found) {
    const message = `DeviceModel ${modelName} does not exist in namespace ${namespace}: the device has no properties`;
    problems.push({ reason: 'ModelNotFound', message });
  }
  // A device without a node is one that waits for its place; that is no mistake.
  if (spec.nodeName && !hasNode(spec.nodeName)) {
    const message = `Node ${spec.nodeName} does not exist: nobody reaches the device`;
    problems.push({ reason: 'NodeNotFound', message });
  }
  // Without a model there are no properties that could be named, and the problem is another one.
  if (found)
    for (const message of localOnlyOf(device, found).problems)
      problems.push({ reason: 'LocalOnlyInvalid', message });
  return problems;
}
