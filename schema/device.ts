import * as devices from '../resolvers/device.ts';
import { node } from '../resolvers/node.ts';
import type { DeviceProblem as DeviceProblemObject } from '../twin/device-problem.ts';
import { instantOf, labelsOf } from './common.ts';
import { listArgs } from './connection.ts';
import { keyed } from './federation.ts';
import type { CloudParts, Parts } from './parts.ts';

export function defineDevice(parts: Parts): void {
  const { builder, owns, refs, cloud } = parts;
  builder.objectType(refs.Device, {
    description: 'One device, bound to an edge node and typed by its model.',
    // The key carries the route: whoever resolves the edge's part knows the node without asking.
    ...keyed(parts, 'namespace name nodeName', ...(cloud ? ['namespace name'] : [])),
    fields: (t) => ({
      namespace: t.exposeString('namespace'),
      name: t.exposeString('name'),
      nodeName: t.exposeString('nodeName', { nullable: true, description: 'null: not bound to a node yet.' }),
    }),
  });
  if (cloud) defineCloudFields(parts, cloud);
  if (owns('edge')) defineEdgeFields(parts);
}

function defineCloudFields({ builder, refs, inputs }: Parts, cloud: CloudParts): void {
  const Method = builder.objectRef<devices.MethodSource>('Method').implement({
    description: 'What a device can be told to do, by `invokeMethod`.',
    fields: (t) => ({
      name: t.exposeString('name'),
      description: t.exposeString('description', { nullable: true }),
      arguments: t.field({
        type: [refs.ModelProperty],
        description:
          'The properties that it sets, each of which may be left out. Empty: what it takes is between its caller and the device.',
        resolve: devices.methodArguments,
      }),
    }),
  });

  const DeviceProblem = builder.objectRef<DeviceProblemObject>('DeviceProblem').implement({
    description: 'What a device names and the cluster lacks, or says and nobody can follow.',
    fields: (t) => ({
      reason: t.exposeString('reason', {
        description: 'For programs: ModelNotFound, NodeNotFound or LocalOnlyInvalid.',
      }),
      message: t.exposeString('message'),
    }),
  });

  builder.objectFields(refs.Device, (t) => ({
    uid: t.id({ resolve: (source, _args, context) => devices.objectOf(source, context).metadata.uid ?? '' }),
    labels: t.field({
      type: [cloud.Label],
      resolve: (source, _args, context) => labelsOf(devices.objectOf(source, context).metadata.labels),
    }),
    node: t.field({
      type: refs.Node,
      nullable: true,
      resolve: ({ nodeName }, _args, context) => (nodeName ? node(nodeName, context) : null),
    }),
    model: t.field({
      type: refs.DeviceModel,
      nullable: true,
      description: 'null: the DeviceModel that it names does not exist.',
      resolve: (source, _args, context) => devices.model(source, context),
    }),
    problems: t.field({
      type: [DeviceProblem],
      description: 'Empty: its model and its node exist, and its annotations can be followed.',
      resolve: (source, _args, context) => devices.problems(source, context),
    }),
    protocol: t.string({
      nullable: true,
      resolve: (source, _args, context) => devices.protocol(source, context),
    }),
    state: t.string({
      description: 'online, offline, unhealthy, disconnected or unknown, as its mapper last told.',
      resolve: (source, _args, context) => context.twins.state(source).state,
    }),
    stateReason: t.string({
      nullable: true,
      resolve: (source, _args, context) => context.twins.state(source).reason,
    }),
    lastOnlineAt: t.field({
      type: 'DateTime',
      nullable: true,
      resolve: (source, _args, context) => context.twins.state(source).lastOnlineAt,
    }),
    createdAt: t.field({
      type: 'DateTime',
      nullable: true,
      resolve: (source, _args, context) =>
        instantOf(devices.objectOf(source, context).metadata.creationTimestamp),
    }),
    methods: t.field({
      type: [Method],
      resolve: (source, _args, context) => devices.methods(source, context),
    }),
  }));

  builder.queryFields((t) => ({
    device: t.field({
      type: refs.Device,
      nullable: true,
      args: {
        namespace: t.arg.string({ required: true, defaultValue: 'default' }),
        name: t.arg.string({ required: true }),
      },
      resolve: (_root, args, context) => devices.device(args, context),
    }),
    devices: t.field({
      type: cloud.DeviceConnection,
      args: {
        where: t.arg({ type: inputs.DeviceFilter }),
        orderBy: t.arg({ type: inputs.DeviceOrder }),
        ...listArgs(t.arg),
      },
      resolve: (_root, args, context) => devices.devices(args, context),
    }),
  }));
}

function defineEdgeFields({ builder, refs, enums }: Parts): void {
  builder.objectFields(refs.Device, (t) => ({
    twins: t.field({
      type: [refs.Twin],
      nullable: true,
      description:
        'All properties of its model, or the named ones. null: its node is away, and nothing is known.',
      args: {
        properties: t.arg.stringList(),
        read: t.arg({ type: enums.ReadMode, defaultValue: 'AUTO' }),
      },
      resolve: devices.twins,
    }),
    twin: t.field({
      type: refs.Twin,
      nullable: true,
      args: {
        property: t.arg.string({ required: true }),
        read: t.arg({ type: enums.ReadMode, defaultValue: 'AUTO' }),
      },
      resolve: devices.twin,
    }),
  }));
}
