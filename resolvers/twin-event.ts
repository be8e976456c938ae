import type { Context, TwinEventSource } from './context.ts';
import { type DeviceFilter, matchesDevice } from './device.ts';

export function subscribeTwins(
  args: { where?: DeviceFilter | null; properties?: readonly string[] | null; after?: string | null },
  context: Context,
): AsyncIterableIterator<TwinEventSource> {
  return context.twinEvents.subscribe({
    after: args.after ?? undefined,
    properties: args.properties ?? undefined,
    matches: (device) => matchesDevice(args.where, device, context),
  });
}
