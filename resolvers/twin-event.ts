import type { Context, LiveEvents, TwinEventSource, TwinRequest } from './context.ts';
import { type DeviceFilter, matchesDevice } from './device.ts';
import { factsOfVersion, readsTwins } from './device-event.ts';
import { type FlowInput, flowOf } from './flow.ts';
import { scopeOf } from './live-event.ts';

export interface TwinArgs {
  where?: DeviceFilter | null;
  properties?: readonly string[] | null;
  flow?: FlowInput | null;
  after?: string | null;
}

/** @throws OctographError `BAD_USER_INPUT` */
export function subscribeTwins(
  { where, properties, flow: input, after }: TwinArgs,
  context: Context,
): LiveEvents<TwinRequest, TwinEventSource> {
  const flow = flowOf(input);
  return context.live.twins.subscribe({
    after: after ?? undefined,
    scope: scopeOf(where, properties, flow),
    properties: properties ?? undefined,
    flow,
    readsTwins: readsTwins(where),
    matches: (version) => matchesDevice(where, factsOfVersion(version)),
  });
}
