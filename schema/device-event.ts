import { subscribeDevices } from '../resolvers/device-event.ts';
import { eventFields, LIVE_TEXT, liveArgs } from './live-event.ts';
import type { Parts } from './parts.ts';

export function defineDeviceEvent(parts: Parts): void {
  const { builder, cloud, refs, inputs } = parts;
  if (!cloud) return;
  builder.objectType(refs.DeviceEvent, {
    fields: (t) => ({
      ...eventFields(t, parts),
      namespace: t.exposeString('namespace', { nullable: true }),
      name: t.exposeString('name', { nullable: true }),
      device: t.field({
        type: refs.Device,
        nullable: true,
        description: 'null on LEFT: it was deleted.',
        resolve: ({ device }) => device && { ...device.key, object: device.object },
      }),
    }),
  });
  builder.subscriptionField('devices', (t) =>
    t.field({
      type: refs.DeviceEvent,
      description: `${LIVE_TEXT} What is UPDATED is the device, its model or its state: for values there is \`twins\`.`,
      args: { where: t.arg({ type: inputs.DeviceFilter }), ...liveArgs(t.arg) },
      subscribe: (_root, args, context) => subscribeDevices(args, context),
      resolve: (event) => event,
    }),
  );
}
