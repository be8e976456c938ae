import { desiredOf, desiredText } from './desired.ts';
import type { DeviceObject } from './device-object.ts';
import type { PropertyModel } from './model.ts';
import { type Desired, type Reported, sameValue } from './twin.ts';
import { type Checked, parseText } from './value.ts';
import type { TwinView } from './view.ts';

/** What the cluster says that a device reported of one property. */
export interface ClusterReported {
  /** As Kubernetes carries it; the DeviceModel gives its type. */
  text: string;
  /** Wall clock, milliseconds; undefined where it does not say when. */
  timestamp?: number;
  /** The desired value that the mapper said it acts on. */
  observedDesired?: string;
}

/** What the cluster says of a device, whoever wrote it. */
export interface ClusterReport {
  /** By property; none that was never reported. */
  twins: Map<string, ClusterReported>;
  /** In lower case, as KubeEdge compares it. */
  state?: string;
  /** Wall clock, milliseconds. */
  lastOnlineAt?: number;
}

/**
 * [T21] One property of a device whose node is not ours. There is no confirmation and no change id in what KubeEdge tells, so
 * texts and values decide: what is reported as desired is IN_SYNC, what is observed as desired is DELIVERED.
 */
export function viewFromCluster(
  device: DeviceObject,
  property: PropertyModel,
  told: ClusterReported | undefined,
): TwinView {
  const desired = desiredOf(device, property);
  const reported = told && reportedOf(property, told);
  const isObserved = told?.observedDesired !== undefined && told.observedDesired === textOf(device, property);
  return {
    model: property,
    desired,
    observedDesired: isObserved ? desired : told && observedOf(property, told),
    reported,
    sync: syncOf(desired, reported, isObserved, told?.timestamp),
    seq: 0,
  };
}

function syncOf(
  desired: Desired | undefined,
  reported: Reported | undefined,
  isObserved: boolean,
  toldAt: number | undefined,
): TwinView['sync'] {
  if (!desired) return { state: 'NONE' };
  const { change, setAt } = desired;
  if (reported && reported.quality !== 'BAD' && sameValue(reported.value, desired.value)) {
    return { state: 'IN_SYNC', change, since: toldAt };
  }
  return isObserved
    ? { state: 'DELIVERED', change, since: toldAt }
    : { state: 'PENDING', change, since: setAt };
}

/** [T7] As of a device of ours: what does not fit the type is kept as it came. */
function reportedOf(property: PropertyModel, { text, timestamp = 0 }: ClusterReported): Reported {
  const read = readText(property, text);
  return read.ok
    ? { value: read.value, quality: 'GOOD', observedAt: timestamp }
    : { value: null, raw: text, quality: 'BAD', observedAt: timestamp };
}

/** Whose wish it is, and when it came, nobody says. */
function observedOf(property: PropertyModel, { observedDesired }: ClusterReported): Desired | undefined {
  if (observedDesired === undefined) return undefined;
  const read = readText(property, observedDesired);
  return { value: read.ok ? read.value : observedDesired };
}

/** Minimum and maximum bind what is desired, never what is told. */
const readText = (property: PropertyModel, text: string): Checked =>
  parseText({ ...property, minimum: undefined, maximum: undefined }, text);

const textOf = (device: DeviceObject, { name }: PropertyModel) => desiredText(device, name) ?? undefined;
