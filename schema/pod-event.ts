import { subscribePods } from '../resolvers/pod-event.ts';
import { eventFields, LIVE_TEXT, liveArgs } from './live-event.ts';
import type { Parts } from './parts.ts';

export function definePodEvent(parts: Parts): void {
  const { builder, cloud, refs, inputs } = parts;
  if (!cloud) return;
  builder.objectType(refs.PodEvent, {
    fields: (t) => ({
      ...eventFields(t, parts),
      namespace: t.exposeString('namespace', { nullable: true }),
      name: t.exposeString('name', { nullable: true }),
      pod: t.field({
        type: refs.Pod,
        nullable: true,
        description: 'null on LEFT: it was deleted.',
        resolve: ({ pod }) => pod,
      }),
    }),
  });
  builder.subscriptionField('pods', (t) =>
    t.field({
      type: refs.PodEvent,
      description: LIVE_TEXT,
      args: { where: t.arg({ type: inputs.PodFilter }), ...liveArgs(t.arg) },
      subscribe: (_root, args, context) => subscribePods(args, context),
      resolve: (event) => event,
    }),
  );
}
