import type { KubeClient } from '../kubernetes/client.ts';
import {
  CONFIG_MAPS,
  collectionPath,
  DEVICE_MODELS,
  DEVICE_OBJECTS,
  type KubeObject,
  NODES,
  objectPath,
  PODS,
  type Resource,
} from '../kubernetes/resources.ts';
import type { ObjectWriter } from '../resolvers/context.ts';
import type { ObjectRef } from '../twin/node-object.ts';

const RESOURCES: Record<ObjectRef['kind'], Resource<KubeObject>> = {
  Node: NODES,
  Pod: PODS,
  ConfigMap: CONFIG_MAPS,
  Device: DEVICE_OBJECTS,
  DeviceModel: DEVICE_MODELS,
};

/** Mutations of Kubernetes objects, straight to the API server: what it answers is the result. */
export function createObjectWriter(client: KubeClient): ObjectWriter {
  return {
    create: async (object) =>
      client.create(collectionPath(RESOURCES[object.kind], object.metadata.namespace), object),
    patch: async ({ kind, namespace, name }, body) =>
      client.patch(objectPath(RESOURCES[kind], { namespace, name }), body, 'application/merge-patch+json'),
    remove: async ({ kind, namespace, name }) =>
      client.remove(objectPath(RESOURCES[kind], { namespace, name })),
  };
}
