import type { ClusterReport, ClusterReported } from '../twin/cluster-report.ts';
import type { DeviceObject, DeviceStatusObject, ReportedTwin, TwinProperty } from '../twin/device-object.ts';

/**
 * What a CloudCore, or a gateway before us, wrote of a device: its DeviceStatus (KubeEdge 1.23), else `device.status` (1.15
 * to 1.22). Property by property, as a cluster that was upgraded fills its DeviceStatus one report at a time.
 */
export function reportedFromCluster(
  device: DeviceObject,
  deviceStatus: DeviceStatusObject | undefined,
): ClusterReport {
  const own = deviceStatus && isStatusOf(deviceStatus, device) ? deviceStatus.status : undefined;
  const old = device.status;
  const twins = new Map<string, ClusterReported>();
  for (const twin of [...(old?.twins ?? []), ...(own?.twins ?? [])]) {
    const reported = readTwin(twin);
    if (reported) twins.set(twin.propertyName, reported);
  }
  return {
    twins,
    state: (own?.state || old?.state)?.toLowerCase(),
    lastOnlineAt: instantOf(own?.lastOnlineTime) ?? instantOf(old?.lastOnlineTime),
  };
}

/** A DeviceStatus outlives its device for as long as garbage collection takes: then it speaks of another one. */
function isStatusOf({ metadata }: DeviceStatusObject, device: DeviceObject): boolean {
  const owner = metadata.ownerReferences?.find(({ kind }) => kind === 'Device');
  return owner === undefined || owner.uid === device.metadata.uid;
}

function readTwin({ reported, observedDesired }: ReportedTwin): ClusterReported | undefined {
  // KubeEdge puts empty values in beforehand: an empty one that names no time is no report.
  if (!reported || (!reported.value && timestampOf(reported) === undefined)) return undefined;
  return {
    text: reported.value ?? '',
    timestamp: timestampOf(reported),
    observedDesired: observedDesired?.value || undefined,
  };
}

/** CloudCore writes milliseconds since the epoch as decimal text; 0 and anything else is no time. */
function timestampOf({ metadata }: TwinProperty): number | undefined {
  const text = metadata?.timestamp;
  const ms = text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : 0;
  return ms > 0 ? ms : undefined;
}

function instantOf(text: string | undefined): number | undefined {
  const ms = Date.parse(text ?? '');
  return Number.isNaN(ms) ? undefined : ms;
}
