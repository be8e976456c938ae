import { protocolOf } from '../twin/model.ts';
import type { Context, DeviceEventSource, DeviceRequest, DeviceVersion, LiveEvents } from './context.ts';
import { type DeviceFacts, type DeviceFilter, matchesDevice } from './device.ts';
import { type LiveArgs, scopeOf, selectorOf } from './live-event.ts';

/** @throws OctographError `LABEL_SELECTOR` */
export function subscribeDevices(
  { where, labelSelector, after }: LiveArgs<DeviceFilter>,
  context: Context,
): LiveEvents<DeviceRequest, DeviceEventSource> {
  const selects = selectorOf(labelSelector);
  return context.live.devices.subscribe({
    after: after ?? undefined,
    scope: scopeOf(where, labelSelector),
    readsTwins: readsTwins(where),
    matches: (version) => selects(version.object.metadata) && matchesDevice(where, factsOfVersion(version)),
  });
}

/** Whether the filter looks at twins. */
export function readsTwins(where: DeviceFilter | null | undefined): boolean {
  if (!where) return false;
  if (where.twin) return true;
  return [...(where.and ?? []), ...(where.or ?? []), where.not].some(readsTwins);
}

/** As the device stood at that moment. */
export function factsOfVersion({ key, object, model, state, views, fresh }: DeviceVersion): DeviceFacts {
  return {
    ...key,
    labels: object.metadata.labels,
    model: object.spec.deviceModelRef?.name,
    get protocol() {
      return protocolOf(object, model).protocolName || null;
    },
    state: state.state,
    twin(property) {
      const view = views.get(property);
      return view && { ...view, freshness: { stale: !fresh?.has(property) } };
    },
  };
}
