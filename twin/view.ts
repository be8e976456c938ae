import { desiredOf } from './desired.ts';
import type { DeviceObject } from './device-object.ts';
import type { PropertyModel } from './model.ts';
import { type Desired, type Reported, type SyncInfo, sameDesired, type Twin } from './twin.ts';

/** One property as a reader sees it: what is wanted, what the node acts on, what the device said, and how they stand. */
export interface TwinView {
  model: PropertyModel;
  desired?: Desired;
  observedDesired?: Desired;
  reported?: Reported;
  sync: Omit<SyncInfo, 'since'> & { since?: number };
  /** Position in the node's store; 0 where the node has said nothing yet. */
  seq: number;
}

/**
 * [T10] In the cloud: the Device object says what is wanted, the replica what the node made of it. Until the node
 * observed the same desired value, the state is PENDING, whatever it was before.
 */
export function viewFromCloud(
  device: DeviceObject,
  property: PropertyModel,
  replica: Twin | undefined,
): TwinView {
  const desired = desiredOf(device, property);
  if (property.localOnly) return withheld(property, desired);
  const twin = replica?.uid === device.metadata.uid ? replica : undefined;
  const observed = sameDesired(desired, twin?.observedDesired);
  return {
    model: property,
    desired,
    observedDesired: twin?.observedDesired,
    reported: twin?.reported,
    sync: observed
      ? (twin?.sync ?? { state: 'NONE' })
      : { state: desired ? 'PENDING' : 'NONE', change: desired?.change, since: desired?.setAt },
    seq: twin?.seq ?? 0,
  };
}

/** At the edge what the node acts on is what is wanted: there is nothing it could not know yet. */
export function viewFromEdge(property: PropertyModel, twin: Twin | undefined): TwinView {
  return {
    model: property,
    desired: twin?.observedDesired,
    observedDesired: twin?.observedDesired,
    reported: twin?.reported,
    sync: twin?.sync ?? { state: 'NONE' },
    seq: twin?.seq ?? 0,
  };
}

/**
 * [T24] A property that is local only, as it is seen from outside of its node: what the cluster wants of it, and nothing of what
 * became of that.
 */
export function withheld(property: PropertyModel, desired?: Desired): TwinView {
  const state = desired ? 'PENDING' : 'NONE';
  const reason = `${property.name} is local only: what it reports stays on its node`;
  return {
    model: property,
    desired,
    sync: { state, change: desired?.change, since: desired?.setAt, reason },
    seq: 0,
  };
}
