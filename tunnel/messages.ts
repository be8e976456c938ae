import type { Conflict } from '../twin/conflict.ts';
import type { Digest } from '../twin/digest.ts';
import type { Machine } from '../twin/machine.ts';
import type { NodeMessage, Publication, Refusal } from '../twin/message.ts';
import type { NodeObject, ObjectRef } from '../twin/node-object.ts';
import type { DeviceStateInfo, Proposal, Twin } from '../twin/twin.ts';

/**
 * What the sync channel carries. Up: what the node knows first. Down: what the cluster wants.
 * Every message is idempotent: a receiver may see it twice after a resume and must not mind.
 */
export type UpMessage = TwinsUp | MessagesUp | PublishedUp;
export type DownMessage = TwinsDown | TakenDown | PublishDown;

/** What is said of the node, its devices and their twins. */
export type TwinsUp = ReportsUp | StatesUp | SnapshotUp | ProposalsUp | DigestUp | DevicesUp | MachineUp;
export type TwinsDown = ObjectsDown | AckDown | VerdictsDown | DifferDown | WantedDown;

/** Outbox rows, ascending by seq; acknowledged by `acked` with the last seq. */
export interface ReportsUp {
  type: 'reports';
  updates: Twin[];
  /** [W38] Others wait before these, so they are not acknowledged: they count as stored with a later one that is in its order. */
  ahead?: boolean;
}

/** Latest device states; they have no backlog. */
export interface StatesUp {
  type: 'states';
  states: DeviceStateInfo[];
  /** The node's wall clock, milliseconds: the cloud counts ages from it, so that a skewed clock there ages nothing. */
  sentAt: number;
}

/** [W35] Twins of the node for a replica that lacks them, all of them or those of some devices: first to last part, in one order. */
export interface SnapshotUp {
  type: 'snapshot';
  first: boolean;
  last: boolean;
  updates: Twin[];
  states: DeviceStateInfo[];
  /** As in `StatesUp`. */
  sentAt: number;
  /** Of the first part: the snapshot is of these devices; absent, of all that the node has. */
  devices?: string[];
  /** [W37] The store's last position when the snapshot was made. */
  seq?: number;
}

/** [W35] All that the node has, one digest of order keys per bucket of devices. */
export interface DigestUp {
  type: 'digest';
  buckets: Digest[];
}

/** [W35] All devices of some buckets, those without twins left out. */
export interface DevicesUp {
  type: 'devices';
  buckets: number[];
  devices: DeviceDigest[];
  /** The last part of the answer to `differ`. */
  last: boolean;
}

export interface DeviceDigest {
  device: string;
  uid: string;
  digest: Digest;
}

export interface ProposalsUp {
  type: 'proposals';
  proposals: Proposal[];
}

/** What the hello told of the computer is no longer so. */
export interface MachineUp {
  type: 'machine';
  machine: Machine;
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
  /** The replica has all that the node has: from here on it knows the node. */
  snapshot?: boolean;
}

/** [W35] The buckets where the replica has something else. */
export interface DifferDown {
  type: 'differ';
  buckets: number[];
}

/** [W35] The devices of which a snapshot is wanted. Each is answered by one snapshot. */
export interface WantedDown {
  type: 'wanted';
  devices: string[];
}

export interface Verdict {
  change: string;
  device: string;
  property: string;
  accepted: boolean;
  /** Of an accepted one: the Device's `metadata.generation` from which on the object shows it, or what came after. */
  generation?: number;
  reason?: string;
  /** What could not stand beside it, as the cloud's ledger has it. */
  conflict?: Conflict;
}

export interface VerdictsDown {
  type: 'verdicts';
  verdicts: Verdict[];
}

/** [W32] Messages of the node's bus, ascending by seq; acknowledged by `taken` with `seq`. */
export interface MessagesUp {
  type: 'messages';
  messages: NodeMessage[];
  /** Of the last message; that of the batch before where there are none, and something was dropped. */
  seq: number;
  /** Messages that the node's store dropped since it was made. */
  dropped: number;
  /** How many of those a `taken` has covered. */
  droppedTold: number;
}

/** Every message up to and including `seq` was handed to those who listen. */
export interface TakenDown {
  type: 'taken';
  seq: number;
}

/** [W33] Messages for the node's bus, ascending by seq; acknowledged by `published`. */
export interface PublishDown {
  type: 'publish';
  /** Names the queue: positions of another one mean nothing. */
  queue: string;
  publications: Publication[];
}

/** Every publication up to and including `seq` has been published, but for those that were refused; it may be a part of what was sent. */
export interface PublishedUp {
  type: 'published';
  seq: number;
  refused: Array<Refusal & { seq: number }>;
}
