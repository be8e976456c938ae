import { node } from '../resolvers/node.ts';
import { containers, pods } from '../resolvers/pod.ts';
import type { OwnerReference } from '../twin/device-object.ts';
import { instantOf, labelsOf } from './common.ts';
import { listArgs } from './connection.ts';
import type { Parts } from './parts.ts';

export function definePod({ builder, refs, inputs, cloud }: Parts): void {
  if (!cloud) return;
  builder.objectType(refs.Container, {
    fields: (t) => ({
      name: t.exposeString('name'),
      image: t.exposeString('image', { nullable: true }),
      ready: t.exposeBoolean('ready'),
      restartCount: t.exposeInt('restartCount'),
      state: t.exposeString('state', { nullable: true, description: 'waiting, running or terminated.' }),
    }),
  });
  const OwnerReferenceRef = builder.objectRef<OwnerReference>('OwnerReference').implement({
    description: 'What made the object, and takes it along when it is deleted: a ReplicaSet, a DaemonSet.',
    fields: (t) => ({
      apiVersion: t.exposeString('apiVersion'),
      kind: t.exposeString('kind'),
      name: t.exposeString('name'),
      uid: t.exposeID('uid'),
      controller: t.boolean({
        description: 'Whether it is the one that manages the object.',
        resolve: ({ controller }) => controller ?? false,
      }),
    }),
  });
  builder.objectType(refs.Pod, {
    description: 'A Kubernetes pod, as its status tells it.',
    fields: (t) => ({
      namespace: t.string({ resolve: ({ metadata }) => metadata.namespace ?? 'default' }),
      name: t.string({ resolve: ({ metadata }) => metadata.name }),
      uid: t.id({ resolve: ({ metadata }) => metadata.uid ?? '' }),
      labels: t.field({ type: [cloud.Label], resolve: ({ metadata }) => labelsOf(metadata.labels) }),
      phase: t.string({ nullable: true, resolve: ({ status }) => status?.phase }),
      reason: t.string({ nullable: true, resolve: ({ status }) => status?.reason }),
      message: t.string({ nullable: true, resolve: ({ status }) => status?.message }),
      nodeName: t.string({ nullable: true, resolve: ({ spec }) => spec.nodeName }),
      node: t.field({
        type: refs.Node,
        nullable: true,
        resolve: ({ spec }, _args, context) => (spec.nodeName ? node(spec.nodeName, context) : null),
      }),
      ownerReferences: t.field({
        type: [OwnerReferenceRef],
        resolve: ({ metadata }) => metadata.ownerReferences ?? [],
      }),
      startedAt: t.field({
        type: 'DateTime',
        nullable: true,
        resolve: ({ status }) => instantOf(status?.startTime),
      }),
      createdAt: t.field({
        type: 'DateTime',
        nullable: true,
        resolve: ({ metadata }) => instantOf(metadata.creationTimestamp),
      }),
      containers: t.field({ type: [refs.Container], resolve: containers }),
    }),
  });
  builder.queryFields((t) => ({
    pod: t.field({
      type: refs.Pod,
      nullable: true,
      args: {
        namespace: t.arg.string({ required: true, defaultValue: 'default' }),
        name: t.arg.string({ required: true }),
      },
      resolve: (_root, { namespace, name }, context) => context.objects.pod(namespace, name) ?? null,
    }),
    pods: t.field({
      type: cloud.PodConnection,
      args: {
        where: t.arg({ type: inputs.PodFilter }),
        orderBy: t.arg({ type: inputs.PodOrder }),
        ...listArgs(t.arg),
      },
      resolve: (_root, args, context) => pods(args, context),
    }),
  }));
}
