import { isDeepStrictEqual } from 'node:util';
import type {
  DeviceObject,
  DeviceStatusObject,
  OwnerReference,
  ReportedTwin,
  TwinProperty,
} from '../twin/device-object.ts';
import type { ValueType } from '../twin/value.ts';

/** What a DeviceStatus is to say of its device. */
export interface DeviceStatusReport {
  /** All twins of the device: the list is replaced as a whole. */
  twins: ReportedTwin[];
  /** Undefined leaves what stands there, null removes it. */
  state?: string | null;
  /** RFC 3339; undefined and null likewise. */
  lastOnlineTime?: string | null;
}

export type DeviceStatusPlan =
  | { kind: 'none' }
  | { kind: 'create'; object: DeviceStatusObject }
  /** A merge patch. It names no `extensions`, so they stay. */
  | {
      kind: 'patch';
      body: { status: DeviceStatusReport; metadata?: { ownerReferences: OwnerReference[] } };
    };

/** A value as KubeEdge's CloudCore writes it: `timestamp` in milliseconds and the value's `type`, both as text. */
export function reportedProperty(text: string, atMs: number, type: ValueType): TwinProperty {
  return { value: text, metadata: { timestamp: String(atMs), type: type.toLowerCase() } };
}

/** What is to be written so that the device's DeviceStatus says what the report says. */
export function planDeviceStatus(
  device: DeviceObject,
  existing: DeviceStatusObject | undefined,
  report: DeviceStatusReport,
): DeviceStatusPlan {
  // As it will come back from the server: fields that are undefined are not there.
  const status: DeviceStatusReport = JSON.parse(JSON.stringify(report));
  const { name, namespace } = device.metadata;
  if (!existing) {
    // What there is to remove was never written.
    if (status.twins.length === 0 && status.state == null && status.lastOnlineTime == null)
      return { kind: 'none' };
    const metadata = { name, namespace, ownerReferences: [ownerOf(device)] };
    const object: DeviceStatusObject = {
      apiVersion: device.apiVersion,
      kind: 'DeviceStatus',
      metadata,
      status: {
        ...status,
        state: status.state ?? undefined,
        lastOnlineTime: status.lastOnlineTime ?? undefined,
      },
    };
    return { kind: 'create', object };
  }
  const owners = existing.metadata.ownerReferences ?? [];
  const owned = owners.some(({ uid }) => uid === device.metadata.uid);
  const said = existing.status ?? {};
  const same =
    isDeepStrictEqual(said.twins ?? [], status.twins) &&
    isSaid(status.state, said.state) &&
    isSaid(status.lastOnlineTime, said.lastOnlineTime);
  if (same && owned) return { kind: 'none' };
  if (owned) return { kind: 'patch', body: { status } };
  // The device was created anew under its name: with the old owner, the status would be collected as garbage.
  const others = owners.filter(({ kind }) => kind !== 'Device');
  return { kind: 'patch', body: { metadata: { ownerReferences: [...others, ownerOf(device)] }, status } };
}

const isSaid = (wanted: string | null | undefined, said: string | undefined): boolean =>
  wanted === undefined || wanted === (said ?? null);

function ownerOf({ apiVersion, kind, metadata }: DeviceObject): OwnerReference {
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid!, controller: true };
}
