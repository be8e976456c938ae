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
  /** Undefined leaves what stands there. */
  state?: string;
  /** RFC 3339; undefined leaves what stands there. */
  lastOnlineTime?: string;
}

export type DeviceStatusPlan =
  | { kind: 'none' }
  | { kind: 'create'; object: DeviceStatusObject }
  /** A merge patch. It names no `extensions`, so they stay. */
  | {
      kind: 'patch';
      body: Pick<DeviceStatusObject, 'status'> & { metadata?: { ownerReferences: OwnerReference[] } };
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
    const metadata = { name, namespace, ownerReferences: [ownerOf(device)] };
    const object: DeviceStatusObject = {
      apiVersion: device.apiVersion,
      kind: 'DeviceStatus',
      metadata,
      status,
    };
    return { kind: 'create', object };
  }
  const owners = existing.metadata.ownerReferences ?? [];
  const owned = owners.some(({ uid }) => uid === device.metadata.uid);
  const said = existing.status ?? {};
  const same =
    isDeepStrictEqual(said.twins ?? [], status.twins) &&
    (status.state === undefined || said.state === status.state) &&
    (status.lastOnlineTime === undefined || said.lastOnlineTime === status.lastOnlineTime);
  if (same && owned) return { kind: 'none' };
  if (owned) return { kind: 'patch', body: { status } };
  // The device was created anew under its name: with the old owner, the status would be collected as garbage.
  const others = owners.filter(({ kind }) => kind !== 'Device');
  return { kind: 'patch', body: { metadata: { ownerReferences: [...others, ownerOf(device)] }, status } };
}

function ownerOf({ apiVersion, kind, metadata }: DeviceObject): OwnerReference {
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid!, controller: true };
}
