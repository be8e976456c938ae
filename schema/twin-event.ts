import { subscribeTwins } from '../resolvers/twin-event.ts';
import type { Parts } from './parts.ts';

export function defineTwinEvent({ builder, owns, refs, enums, inputs }: Parts): void {
  if (!owns('edge')) return;

  const Gap = builder.objectRef<{ dropped: number }>('Gap').implement({
    description: 'Events that this subscriber was too slow for.',
    fields: (t) => ({ dropped: t.exposeInt('dropped') }),
  });
  builder.objectType(refs.TwinEvent, {
    fields: (t) => ({
      kind: t.field({ type: enums.TwinEventKind, resolve: ({ kind }) => kind }),
      cursor: t.exposeString('cursor', { description: 'Opaque; subscribe with `after` to go on behind it.' }),
      deviceRef: t.field({ type: refs.DeviceName, nullable: true, resolve: ({ twin }) => twin?.device }),
      property: t.string({ nullable: true, resolve: ({ twin }) => twin?.model.name }),
      device: t.field({ type: refs.Device, nullable: true, resolve: ({ twin }) => twin?.device }),
      twin: t.field({ type: refs.Twin, nullable: true, resolve: ({ twin }) => twin }),
      gap: t.field({ type: Gap, nullable: true, resolve: ({ gap }) => gap }),
    }),
  });
  builder.subscriptionField('twins', (t) =>
    t.field({
      type: refs.TwinEvent,
      nullable: true,
      description:
        'First the twins as they are (SNAPSHOT, then one SNAPSHOT_END), then every change (UPDATED). A subscriber that is too slow gets a GAP with the count of what it missed, never silence.',
      args: {
        where: t.arg({ type: inputs.DeviceFilter }),
        properties: t.arg.stringList(),
        after: t.arg.string({
          description:
            'A cursor of an earlier event; one that is too old or foreign answers RESET and a new snapshot.',
        }),
      },
      subscribe: (_root, args, context) => subscribeTwins(args, context),
      resolve: (event) => event,
    }),
  );
}
