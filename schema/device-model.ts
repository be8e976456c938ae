import { deviceModels } from '../resolvers/device-model.ts';
import { modelProperties } from '../twin/model.ts';
import { instantOf } from './common.ts';
import { listArgs } from './connection.ts';
import type { Parts } from './parts.ts';

export function defineDeviceModel({ builder, refs, enums, inputs, cloud }: Parts): void {
  if (!cloud) return;
  builder.objectType(refs.ModelProperty, {
    description: 'One value of a device, as its model types it.',
    fields: (t) => ({
      name: t.exposeString('name'),
      description: t.exposeString('description', { nullable: true }),
      type: t.field({ type: enums.ValueType, resolve: ({ type }) => type }),
      accessMode: t.field({ type: enums.AccessMode, resolve: ({ accessMode }) => accessMode }),
      unit: t.exposeString('unit', { nullable: true }),
      minimum: t.exposeFloat('minimum', { nullable: true }),
      maximum: t.exposeFloat('maximum', { nullable: true }),
    }),
  });
  builder.objectType(refs.DeviceModel, {
    description: 'The template of a kind of devices: its properties and their types.',
    fields: (t) => ({
      namespace: t.string({ resolve: ({ metadata }) => metadata.namespace ?? 'default' }),
      name: t.string({ resolve: ({ metadata }) => metadata.name }),
      uid: t.id({ resolve: ({ metadata }) => metadata.uid ?? '' }),
      protocol: t.string({ nullable: true, resolve: ({ spec }) => spec.protocol }),
      createdAt: t.field({
        type: 'DateTime',
        nullable: true,
        resolve: ({ metadata }) => instantOf(metadata.creationTimestamp),
      }),
      properties: t.field({ type: [refs.ModelProperty], resolve: modelProperties }),
    }),
  });
  builder.queryFields((t) => ({
    deviceModel: t.field({
      type: refs.DeviceModel,
      nullable: true,
      args: {
        namespace: t.arg.string({ required: true, defaultValue: 'default' }),
        name: t.arg.string({ required: true }),
      },
      resolve: (_root, { namespace, name }, context) => context.objects.deviceModel(namespace, name) ?? null,
    }),
    deviceModels: t.field({
      type: cloud.DeviceModelConnection,
      args: {
        where: t.arg({ type: inputs.DeviceModelFilter }),
        orderBy: t.arg({ type: inputs.DeviceModelOrder }),
        ...listArgs(t.arg),
      },
      resolve: (_root, args, context) => deviceModels(args, context),
    }),
  }));
}
