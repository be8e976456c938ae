import { type DeviceStatusReport, reportedProperty } from '../kubernetes/device-status.ts';
import { encodeText } from '../twin/value.ts';
import type { TwinView } from '../twin/view.ts';

/**
 * What DeviceStatus is to say of a device, from what the replica knows; undefined where its node has said nothing. Where something is
 * local only (T26) it says what is left, if only nothing: an earlier one may say more.
 */
export function statusReportOf(
  views: readonly TwinView[],
  { state, lastOnlineAt }: { state: string; lastOnlineAt?: number },
): DeviceStatusReport | undefined {
  const known = views.filter(({ reported, observedDesired }) => reported || observedDesired);
  const withheld = views.filter(({ model }) => model.localOnly);
  if (known.length === 0 && withheld.length === 0) return undefined;
  const isLocalOnly = withheld.length > 0 && withheld.length === views.length;
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
    state: state === 'unknown' ? (isLocalOnly ? null : undefined) : state,
    lastOnlineTime:
      lastOnlineAt === undefined ? (isLocalOnly ? null : undefined) : new Date(lastOnlineAt).toISOString(),
  };
}
