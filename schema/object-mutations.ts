import { sourceOf as deviceSource } from '../resolvers/device.ts';
import { sourceOf as nodeSource } from '../resolvers/node.ts';
import * as mutations from '../resolvers/object-mutations.ts';
import type { KubeNode } from '../twin/cluster-object.ts';
import type { DeviceModelObject, DeviceObject } from '../twin/device-object.ts';
import { createObjectInputs } from './object-inputs.ts';
import type { CloudParts, Parts } from './parts.ts';

/** Mutations of Kubernetes objects. At the edge they answer `Rejected` with `CLOUD_ONLY`. */
export function defineObjectMutations(parts: Parts): void {
  const inputs = createObjectInputs(parts);
  if (parts.cloud) defineMutations(parts, parts.cloud, inputs);
}

function defineMutations(
  { builder, refs, inputs: { DeviceRef } }: Parts,
  { Rejected }: CloudParts,
  inputs: ReturnType<typeof createObjectInputs>,
): void {
  type SavedDevice = { kind: 'saved'; object: DeviceObject };
  type SavedModel = { kind: 'saved'; object: DeviceModelObject };
  type SavedNode = { kind: 'saved'; object: KubeNode };
  const DeviceSaved = builder.objectRef<SavedDevice>('DeviceSaved').implement({
    fields: (t) => ({
      device: t.field({ type: refs.Device, resolve: ({ object }) => deviceSource(object) }),
    }),
  });
  const DeviceModelSaved = builder.objectRef<SavedModel>('DeviceModelSaved').implement({
    fields: (t) => ({ deviceModel: t.field({ type: refs.DeviceModel, resolve: ({ object }) => object }) }),
  });
  const NodeSaved = builder.objectRef<SavedNode>('NodeSaved').implement({
    fields: (t) => ({ node: t.field({ type: refs.Node, resolve: ({ object }) => nodeSource(object) }) }),
  });
  const Deleted = builder.objectRef<{ kind: 'Deleted' } & mutations.ObjectName>('Deleted').implement({
    fields: (t) => ({ namespace: t.exposeString('namespace'), name: t.exposeString('name') }),
  });
  const DeviceResult = builder.unionType('SaveDeviceResult', {
    types: [DeviceSaved, Rejected],
    resolveType: (result) => (result.kind === 'saved' ? 'DeviceSaved' : 'Rejected'),
  });
  const DeviceModelResult = builder.unionType('SaveDeviceModelResult', {
    types: [DeviceModelSaved, Rejected],
    resolveType: (result) => (result.kind === 'saved' ? 'DeviceModelSaved' : 'Rejected'),
  });
  const NodeResult = builder.unionType('SaveNodeResult', {
    types: [NodeSaved, Rejected],
    resolveType: (result) => (result.kind === 'saved' ? 'NodeSaved' : 'Rejected'),
  });
  const DeleteResult = builder.unionType('DeleteResult', {
    types: [Deleted, Rejected],
    resolveType: (result) => (result.kind === 'Deleted' ? 'Deleted' : 'Rejected'),
  });

  builder.mutationFields((t) => ({
    createDevice: t.field({
      type: DeviceResult,
      args: { input: t.arg({ type: inputs.CreateDeviceInput, required: true }) },
      resolve: (_root, { input }, context) => mutations.createDevice(input, context),
    }),
    updateDevice: t.field({
      type: DeviceResult,
      description: 'Fields that are left out stay as they are; of properties those that are not named.',
      args: { input: t.arg({ type: inputs.UpdateDeviceInput, required: true }) },
      resolve: (_root, { input }, context) => mutations.updateDevice(input, context),
    }),
    deleteDevice: t.field({
      type: DeleteResult,
      args: { device: t.arg({ type: DeviceRef, required: true }) },
      resolve: (_root, { device }, context) => mutations.deleteObject('Device', device, context),
    }),
    createDeviceModel: t.field({
      type: DeviceModelResult,
      args: { input: t.arg({ type: inputs.CreateDeviceModelInput, required: true }) },
      resolve: (_root, { input }, context) => mutations.createDeviceModel(input, context),
    }),
    updateDeviceModel: t.field({
      type: DeviceModelResult,
      description: 'Fields that are left out stay as they are; `properties` is the whole list.',
      args: { input: t.arg({ type: inputs.UpdateDeviceModelInput, required: true }) },
      resolve: (_root, { input }, context) => mutations.updateDeviceModel(input, context),
    }),
    deleteDeviceModel: t.field({
      type: DeleteResult,
      args: { model: t.arg({ type: inputs.ObjectRef, required: true }) },
      resolve: (_root, { model }, context) => mutations.deleteObject('DeviceModel', model, context),
    }),
    cordonNode: t.field({
      type: NodeResult,
      args: { name: t.arg.string({ required: true }) },
      resolve: (_root, { name }, context) => mutations.setCordoned(name, true, context),
    }),
    uncordonNode: t.field({
      type: NodeResult,
      args: { name: t.arg.string({ required: true }) },
      resolve: (_root, { name }, context) => mutations.setCordoned(name, false, context),
    }),
    deletePod: t.field({
      type: DeleteResult,
      args: { pod: t.arg({ type: inputs.ObjectRef, required: true }) },
      resolve: (_root, { pod }, context) => mutations.deleteObject('Pod', pod, context),
    }),
  }));
}
