import { OctographError } from '../lib/errors.ts';
import { protocolOf } from '../twin/model.ts';
import type { Context, DeviceEventSource, DeviceRequest, DeviceVersion, LiveEvents } from './context.ts';
import { type DeviceFacts, type DeviceFilter, matchesDevice, type TwinFilter } from './device.ts';
import { type LiveArgs, scopeOf, selectorOf } from './live-event.ts';

/** @throws OctographError `LABEL_SELECTOR`, `BAD_USER_INPUT` */
export function subscribeDevices(
  { where, labelSelector, after }: LiveArgs<DeviceFilter>,
  context: Context,
): LiveEvents<DeviceRequest, DeviceEventSource> {
  const selects = selectorOf(labelSelector);
  return context.live.devices.subscribe({
    after: after ?? undefined,
    scope: scopeOf(where, labelSelector),
    readsTwins: requireEventful(where),
    matches: (version) => selects(version.object.metadata) && matchesDevice(where, factsOfVersion(version)),
  });
}

/**
 * Whether the filter looks at twins.
 * @throws OctographError `BAD_USER_INPUT` for a condition that time alone turns: no event would tell of it
 */
export function requireEventful(where: DeviceFilter | null | undefined): boolean {
  let readsTwins = false;
  for (const { property, stale } of twinFilters(where)) {
    readsTwins = true;
    if (stale != null) {
      const expected =
        'expected none in a subscription: growing stale is no event; select freshness { stale }';
      throw new OctographError('BAD_USER_INPUT', `where.twin.stale of property ${property}: ${expected}`);
    }
  }
  return readsTwins;
}

function* twinFilters(where: DeviceFilter | null | undefined): Iterable<TwinFilter> {
  if (!where) return;
  if (where.twin) yield where.twin;
  for (const part of [...(where.and ?? []), ...(where.or ?? []), ...(where.not ? [where.not] : [])])
    yield* twinFilters(part);
}

/** As the device stood at that moment. */
export function factsOfVersion({ key, object, model, state, views }: DeviceVersion): DeviceFacts {
  return {
    ...key,
    labels: object.metadata.labels,
    model: object.spec.deviceModelRef?.name,
    get protocol() {
      return protocolOf(object, model).protocolName || null;
    },
    state: state.state,
    twin: (property) => views.get(property),
  };
}
