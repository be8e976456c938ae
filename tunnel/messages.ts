import type { DeviceModelObject, DeviceObject, ObjectMeta } from '../twin/device-object.ts';
import type { Quality, TwinValue } from '../twin/value.ts';

/**
 * What the sync channel carries. Up: what the node knows first. Down: what the cluster wants.
 * Every message is idempotent: a receiver may see it twice after a resume and must not mind.
 */
export type UpMessage = ReportsUp | StatesUp | SnapshotUp | ProposalsUp;
export type DownMessage = ObjectsDown | AckDown | VerdictsDown;

export type SyncStateName = 'NONE' | 'PENDING' | 'DELIVERED' | 'IN_SYNC' | 'DRIFTED' | 'REJECTED' | 'EXPIRED';

export interface Reported {
  value: TwinValue;
  /** What the device said, where it does not fit the model's type. */
  raw?: string;
  quality: Quality;
  /** Wall clock, milliseconds. */
  observedAt: number;
}

export interface Desired {
  value: TwinValue;
  /** Id of the change that asked for it; absent when a plain `kubectl` set it. */
  change?: string;
  setBy?: string;
  /** Wall clock, milliseconds. */
  setAt?: number;
  expiresAt?: number;
}

export interface SyncInfo {
  state: SyncStateName;
  change?: string;
  /** Wall clock, milliseconds. */
  since: number;
  reason?: string;
}

/** The state of one property after one change of it: all that the replica needs. */
export interface TwinUpdate {
  /** Position in the node's store; grows by at least one with every change, over restarts too. */
  seq: number;
  /** `<namespace>/<name>` */
  device: string;
  uid: string;
  property: string;
  reported?: Reported;
  observedDesired?: Desired;
  sync: SyncInfo;
}

/** Outbox rows, ascending by seq; acknowledged by `acked` with the last seq. */
export interface ReportsUp {
  type: 'reports';
  updates: TwinUpdate[];
}

export interface DeviceStateInfo {
  device: string;
  uid: string;
  /** online, offline, unhealthy, disconnected or unknown: KubeEdge's words. */
  state: string;
  reason?: string;
  /** Wall clock, milliseconds; when the device was last online. */
  lastOnlineAt?: number;
  /** Wall clock, milliseconds; the last successful collection of each cycle group: `[property, at]`. */
  aliveAt?: number;
}

/** Latest device states; they have no backlog. */
export interface StatesUp {
  type: 'states';
  states: DeviceStateInfo[];
}

/** All of the node's twins and states, for a replica that does not know them: first to last part, in one order. */
export interface SnapshotUp {
  type: 'snapshot';
  first: boolean;
  last: boolean;
  updates: TwinUpdate[];
  states: DeviceStateInfo[];
}

/** A desired value set at the edge: applied there already, judged by the cloud. */
export interface Proposal {
  change: string;
  device: string;
  uid: string;
  property: string;
  desired: Desired;
  /** The desired value that the edge saw when it was set; null where there was none. */
  base: TwinValue;
}

export interface ProposalsUp {
  type: 'proposals';
  proposals: Proposal[];
}

/** A Kubernetes object that lives on a node: its Node, its Pods, its Devices and their DeviceModels. */
export type NodeObject = DeviceObject | DeviceModelObject | ForeignObject;

export interface ForeignObject {
  apiVersion: string;
  kind: 'Node' | 'Pod' | 'ConfigMap';
  metadata: ObjectMeta;
  [field: string]: unknown;
}

export interface ObjectRef {
  kind: string;
  namespace: string;
  name: string;
}

/** `complete` replaces everything that the node holds; otherwise a delta. */
export interface ObjectsDown {
  type: 'objects';
  complete: boolean;
  upsert: NodeObject[];
  remove: ObjectRef[];
}

/** Every update up to and including `seq` is stored. */
export interface AckDown {
  type: 'acked';
  seq: number;
}

export interface Verdict {
  change: string;
  device: string;
  property: string;
  accepted: boolean;
  reason?: string;
}

export interface VerdictsDown {
  type: 'verdicts';
  verdicts: Verdict[];
}
