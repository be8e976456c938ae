import type { Context, LiveEvents, TwinEventSource, TwinRequest } from './context.ts';
import { type DeviceFilter, matchesDevice } from './device.ts';
import { factsOfVersion, requireEventful } from './device-event.ts';
import { scopeOf } from './live-event.ts';

/** @throws OctographError `BAD_USER_INPUT` */
export function subscribeTwins(
  args: { where?: DeviceFilter | null; properties?: readonly string[] | null; after?: string | null },
  context: Context,
): LiveEvents<TwinRequest, TwinEventSource> {
  const { where, properties, after } = args;
  return context.live.twins.subscribe({
    after: after ?? undefined,
    scope: scopeOf(where, properties),
    properties: properties ?? undefined,
    readsTwins: requireEventful(where),
    matches: (version) => matchesDevice(where, factsOfVersion(version)),
  });
}
