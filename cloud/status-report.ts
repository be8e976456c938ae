import { type DeviceStatusReport, reportedProperty } from '../kubernetes/device-status.ts';
import { encodeText } from '../twin/value.ts';
import type { TwinView } from '../twin/view.ts';

/** What DeviceStatus is to say of a device, from what the replica knows; undefined where its node has said nothing. */
export function statusReportOf(
  views: readonly TwinView[],
  { state, lastOnlineAt }: { state: string; lastOnlineAt?: number },
): DeviceStatusReport | undefined {
  const known = views.filter(({ reported, observedDesired }) => reported || observedDesired);
  if (known.length === 0) return undefined;
  return {
    twins: known.map(({ model, reported, observedDesired }) => ({
      propertyName: model.name,
      reported:
        reported &&
        reportedProperty(reported.raw ?? encodeText(reported.value), reported.observedAt, model.type),
      observedDesired:
        observedDesired &&
        reportedProperty(encodeText(observedDesired.value), observedDesired.setAt ?? 0, model.type),
    })),
    state: state === 'unknown' ? undefined : state,
    lastOnlineTime: lastOnlineAt === undefined ? undefined : new Date(lastOnlineAt).toISOString(),
  };
}
