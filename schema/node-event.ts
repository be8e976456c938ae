import { sourceOf } from '../resolvers/node.ts';
import { subscribeNodes } from '../resolvers/node-event.ts';
import { eventFields, LIVE_TEXT, liveArgs } from './live-event.ts';
import type { Parts } from './parts.ts';

export function defineNodeEvent(parts: Parts): void {
  const { builder, cloud, refs, inputs } = parts;
  if (!cloud) return;
  builder.objectType(refs.NodeEvent, {
    fields: (t) => ({
      ...eventFields(t, parts),
      name: t.exposeString('name', { nullable: true }),
      node: t.field({
        type: refs.Node,
        nullable: true,
        description: 'null on LEFT: it was deleted.',
        resolve: ({ node }) => node && sourceOf(node),
      }),
    }),
  });
  builder.subscriptionField('nodes', (t) =>
    t.field({
      type: refs.NodeEvent,
      description: LIVE_TEXT,
      args: { where: t.arg({ type: inputs.NodeFilter }), ...liveArgs(t.arg) },
      subscribe: (_root, args, context) => subscribeNodes(args, context),
      resolve: (event) => event,
    }),
  );
}
