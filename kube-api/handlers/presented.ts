import type { KubeObject } from '../kube-object.ts';
import type { ResourceDefinition } from '../resources.ts';

/** A stored object as the version that was asked for shows it. */
export const presented = (resource: ResourceDefinition, object: KubeObject): KubeObject =>
  resource.present?.(object) ?? object;
