import { subscribeTwins } from '../resolvers/twin-event.ts';
import { afterArg, eventFields, LIVE_TEXT } from './live-event.ts';
import type { Parts } from './parts.ts';

export function defineTwinEvent(parts: Parts): void {
  const { builder, owns, refs, inputs } = parts;
  if (!owns('edge')) return;

  builder.objectType(refs.TwinEvent, {
    fields: (t) => ({
      ...eventFields(t, parts),
      deviceRef: t.field({ type: refs.DeviceName, nullable: true, resolve: ({ deviceRef }) => deviceRef }),
      property: t.exposeString('property', { nullable: true }),
      skipped: t.int({
        description: 'Updates of the property that `flow` folded into this event.',
        resolve: ({ skipped }) => skipped ?? 0,
      }),
      device: t.field({
        type: refs.Device,
        nullable: true,
        description: 'null on LEFT: it was deleted.',
        resolve: ({ device }) => device,
      }),
      twin: t.field({
        type: refs.Twin,
        nullable: true,
        description: 'null on LEFT: the device was deleted, or its model lacks the property.',
        resolve: ({ twin }) => twin,
      }),
    }),
  });
  builder.subscriptionField('twins', (t) =>
    t.field({
      type: refs.TwinEvent,
      nullable: true,
      description: LIVE_TEXT,
      args: {
        where: t.arg({ type: inputs.DeviceFilter }),
        properties: t.arg.stringList(),
        flow: t.arg({ type: inputs.FlowInput }),
        after: afterArg(t.arg),
      },
      subscribe: (_root, args, context) => subscribeTwins(args, context),
      resolve: (event) => event,
    }),
  );
}
