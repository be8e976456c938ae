import type { DeviceSource } from '../resolvers/device.ts';
import { objectOf as deviceObject } from '../resolvers/device.ts';
import { eventsOf } from '../resolvers/event.ts';
import { objectOf as nodeObject } from '../resolvers/node.ts';
import { type KubeEvent, lastSeenAt } from '../twin/cluster-object.ts';
import type { Parts } from './parts.ts';

/** Kubernetes Events about an object. At the edge there are none: they are the API server's. */
export function defineEvents({ builder, refs, cloud }: Parts): void {
  if (!cloud) return;
  const Event = builder.objectRef<KubeEvent>('Event').implement({
    fields: (t) => ({
      type: t.string({ resolve: ({ type }) => type ?? 'Normal', description: 'Normal or Warning.' }),
      reason: t.string({ nullable: true, resolve: ({ reason }) => reason, description: 'For programs.' }),
      message: t.string({ nullable: true, resolve: ({ message }) => message }),
      count: t.int({ resolve: ({ count, series }) => series?.count ?? count ?? 1 }),
      source: t.string({
        nullable: true,
        resolve: ({ reportingComponent, source }) => reportingComponent || source?.component,
      }),
      lastSeenAt: t.field({
        type: 'DateTime',
        nullable: true,
        resolve: (event) => lastSeenAt(event) || null,
      }),
    }),
  });
  builder.objectField(refs.Device, 'events', (t) =>
    t.field({
      type: [Event],
      description: 'What Kubernetes was told of it, the last one first.',
      args: { first: t.arg.int({ defaultValue: 20 }) },
      resolve: (source: DeviceSource, { first }, context) =>
        eventsOf(deviceObject(source, context), first, context),
    }),
  );
  builder.objectField(refs.Pod, 'events', (t) =>
    t.field({
      type: [Event],
      args: { first: t.arg.int({ defaultValue: 20 }) },
      resolve: (pod, { first }, context) => eventsOf(pod, first, context),
    }),
  );
  builder.objectField(refs.Node, 'events', (t) =>
    t.field({
      type: [Event],
      args: { first: t.arg.int({ defaultValue: 20 }) },
      resolve: (source, { first }, context) => eventsOf(nodeObject(source, context), first, context),
    }),
  );
}
