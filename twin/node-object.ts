import type { KubeConfigMap, KubeNode, KubePod } from './cluster-object.ts';
import {
  type DeviceId,
  type DeviceModelObject,
  type DeviceObject,
  deviceId,
  type ObjectMeta,
} from './device-object.ts';

/**
 * A Kubernetes object that goes down to the node it concerns: its Node, its Pods and the ConfigMaps that they name, its Devices
 * and their DeviceModels.
 */
export type NodeObject = DeviceObject | DeviceModelObject | KubeNode | KubePod | KubeConfigMap;

export interface ObjectRef {
  kind: NodeObject['kind'];
  namespace: string;
  name: string;
}

export const refOf = (object: { kind: NodeObject['kind']; metadata: ObjectMeta }): ObjectRef => ({
  kind: object.kind,
  namespace: object.metadata.namespace ?? '',
  name: object.metadata.name,
});

/** The devices among them. */
export const deviceIdsOf = (refs: readonly ObjectRef[]): DeviceId[] =>
  refs.filter(({ kind }) => kind === 'Device').map(({ namespace, name }) => deviceId(namespace, name));

export const refKey = ({ kind, namespace, name }: ObjectRef): string => `${kind}/${namespace}/${name}`;
