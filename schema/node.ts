import { devices } from '../resolvers/device.ts';
import * as nodes from '../resolvers/node.ts';
import { pods } from '../resolvers/pod.ts';
import { instantOf, labelsOf } from './common.ts';
import { listArgs } from './connection.ts';
import { keyed } from './federation.ts';
import type { CloudParts, Parts } from './parts.ts';

export function defineNode(parts: Parts): void {
  const { builder, owns, refs, cloud } = parts;
  builder.objectType(refs.Node, {
    description: 'A Kubernetes node; an edge node where `edgeNode` says more.',
    ...keyed(parts, 'name'),
    fields: (t) => ({ name: t.exposeString('name') }),
  });
  if (cloud) defineCloudFields(parts, cloud);
  if (owns('edge')) {
    builder.objectField(refs.Node, 'edgeNode', (t) =>
      t.field({
        type: refs.EdgeNode,
        nullable: true,
        description:
          'What Octograph knows of the node beyond Kubernetes; null where no edge node of ours ever spoke.',
        resolve: ({ name }, _args, context) => context.links.edgeNode(name),
      }),
    );
  }
}

function defineCloudFields({ builder, refs, inputs }: Parts, cloud: CloudParts): void {
  const Address = builder.objectRef<{ type: string; address: string }>('NodeAddress').implement({
    fields: (t) => ({ type: t.exposeString('type'), address: t.exposeString('address') }),
  });

  const Resource = builder.objectRef<{ name: string; quantity: string }>('NodeResource').implement({
    fields: (t) => ({
      name: t.exposeString('name', {
        description: 'As `kubectl` names it: `cpu`, `memory`, `ephemeral-storage`, `pods`.',
      }),
      quantity: t.exposeString('quantity', {
        description: 'As Kubernetes writes it: `4`, `500m`, `7951764Ki`.',
      }),
    }),
  });

  builder.objectFields(refs.Node, (t) => ({
    labels: t.field({
      type: [cloud.Label],
      resolve: (source, _args, context) => labelsOf(nodes.objectOf(source, context)?.metadata.labels),
    }),
    ready: t.boolean({
      nullable: true,
      description: 'null while nobody knows.',
      resolve: (source, _args, context) => nodes.ready(source, context),
    }),
    roles: t.stringList({ resolve: (source, _args, context) => nodes.roles(source, context) }),
    conditions: t.field({
      type: [cloud.Condition],
      resolve: (source, _args, context) => nodes.objectOf(source, context)?.status?.conditions ?? [],
    }),
    capacity: t.field({
      type: [Resource],
      description: 'What the computer has.',
      resolve: (source, _args, context) => nodes.resources(source, context, 'capacity'),
    }),
    allocatable: t.field({
      type: [Resource],
      description: 'What of it pods may use.',
      resolve: (source, _args, context) => nodes.resources(source, context, 'allocatable'),
    }),
    addresses: t.field({
      type: [Address],
      resolve: (source, _args, context) => nodes.objectOf(source, context)?.status?.addresses ?? [],
    }),
    createdAt: t.field({
      type: 'DateTime',
      nullable: true,
      resolve: (source, _args, context) =>
        instantOf(nodes.objectOf(source, context)?.metadata.creationTimestamp),
    }),
    pods: t.field({
      type: cloud.PodConnection,
      args: {
        where: t.arg({ type: inputs.PodFilter }),
        orderBy: t.arg({ type: inputs.PodOrder }),
        ...listArgs(t.arg),
      },
      resolve: (source, args, context) => pods(args, context, source.name),
    }),
    devices: t.field({
      type: cloud.DeviceConnection,
      args: {
        where: t.arg({ type: inputs.DeviceFilter }),
        orderBy: t.arg({ type: inputs.DeviceOrder }),
        ...listArgs(t.arg),
      },
      resolve: (source, args, context) => devices(args, context, source.name),
    }),
  }));

  builder.queryFields((t) => ({
    node: t.field({
      type: refs.Node,
      nullable: true,
      args: { name: t.arg.string({ required: true }) },
      resolve: (_root, { name }, context) => nodes.node(name, context),
    }),
    nodes: t.field({
      type: cloud.NodeConnection,
      args: {
        where: t.arg({ type: inputs.NodeFilter }),
        orderBy: t.arg({ type: inputs.NodeOrder }),
        ...listArgs(t.arg),
      },
      resolve: (_root, args, context) => nodes.nodes(args, context),
    }),
  }));
}
