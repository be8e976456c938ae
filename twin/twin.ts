import type { Comparison } from './comparison.ts';
import { nextSyncState, type SyncEvent, type SyncState } from './sync-state.ts';
import type { Quality, TwinValue } from './value.ts';

/** What a device last said of one property. */
export interface Reported {
  value: TwinValue;
  /** What the device said, where it does not fit the model's type. */
  raw?: string;
  quality: Quality;
  /** Wall clock, milliseconds: when the device had it. */
  observedAt: number;
}

/** A precondition on what a property reports. */
export interface ReportedCondition {
  property: string;
  value: Comparison<TwinValue>;
}

/** What somebody wants a property to be. */
export interface Desired {
  value: TwinValue;
  /** Id of the change that asked for it; absent when a plain `kubectl` set it. */
  change?: string;
  setBy?: string;
  /** Wall clock, milliseconds. */
  setAt?: number;
  /** Cloud wall clock, milliseconds: not applied from here on. */
  expiresAt?: number;
  /** What the device has to report for the value to be applied; judged at the edge, when it would be. */
  ifReported?: ReportedCondition[];
  /** [T6] Why it does not fit the model; absent where it does. */
  misfit?: string;
}

export interface SyncInfo {
  state: SyncState;
  change?: string;
  /** Wall clock, milliseconds. */
  since: number;
  reason?: string;
}

/** A desired value set at the edge: acted on there at once, judged by the cloud. */
export interface Proposal {
  change: string;
  device: string;
  uid: string;
  property: string;
  desired: Desired;
  /** The cloud's desired value when it was set; null where there was none. */
  base: TwinValue;
  /** The change that lay beside `base`, void or not. */
  baseChange?: string;
  /** Earlier proposals of the node that this one took the place of while they were open: the newest 16. */
  replaced?: string[];
  /** The cloud took it; it is kept until the Device object that says so arrives. */
  accepted?: boolean;
  /** Of an accepted one: the Device's `metadata.generation` from which on the object shows it, or what came after. */
  generation?: number;
}

/** What an edge node keeps of one property. Immutable: a transition returns a new one, or the same where nothing changed. */
export interface Twin {
  device: string;
  uid: string;
  property: string;
  /** Position in the node's store of its last change; 0 before the first. */
  seq: number;
  reported?: Reported;
  /** What the node acts on: the cloud's desired value, or an open proposal. */
  observedDesired?: Desired;
  /** [T8] The desired value as the device represents it, once it confirmed. */
  confirmed?: TwinValue;
  sync: SyncInfo;
}

/** What is known of the device as a whole. */
export interface DeviceStateInfo {
  device: string;
  uid: string;
  /** online, offline, unhealthy, disconnected or unknown: KubeEdge's words. */
  state: string;
  reason?: string;
  /** Wall clock, milliseconds. */
  lastOnlineAt?: number;
  /** Wall clock, milliseconds: the last successful collection. */
  aliveAt?: number;
  /** Its properties come by event, not by polling: silence is no sign of age. */
  byEvent?: boolean;
}

export function newTwin(device: string, uid: string, property: string, now: number): Twin {
  return { device, uid, property, seq: 0, sync: { state: 'NONE', since: now } };
}

/**
 * [T5, T6] The node took notice of what is desired now; undefined where nothing is. What does not fit the model is refused
 * in the same step: it never gets to the device.
 */
export function observeDesired(twin: Twin, desired: Desired | undefined, now: number): Twin {
  if (sameDesired(twin.observedDesired, desired)) return twin;
  const { confirmed: _, ...rest } = twin;
  const observed = advance(
    { ...rest, observedDesired: desired },
    desired ? 'desired' : 'cleared',
    now,
    desired?.change,
  );
  return desired?.misfit === undefined ? observed : refuse(observed, desired.misfit, now);
}

/** [T7] The device said something: drift and its end follow from it. A BAD reading is no evidence of either. */
export function report(twin: Twin, reported: Reported, now: number): Twin {
  const next = { ...twin, reported };
  if (twin.confirmed === undefined || reported.quality === 'BAD') return next;
  const event = sameValue(reported.value, twin.confirmed) ? 'reportedEqual' : 'reportedDifferent';
  return advance(next, event, now, twin.sync.change);
}

/** [T8] The device holds the desired value, as `value` in its own representation. */
export function confirm(twin: Twin, value: TwinValue, now: number): Twin {
  const reported: Reported = { value, quality: 'GOOD', observedAt: now };
  if (nextSyncState(twin.sync.state, 'confirmed') !== 'IN_SYNC') return report(twin, reported, now);
  return advance({ ...twin, confirmed: value, reported }, 'confirmed', now, twin.observedDesired?.change);
}

/** [T9] Device, model or a precondition refused the desired value. One that the device holds is past refusing. */
export function refuse(twin: Twin, reason: string, now: number): Twin {
  if (nextSyncState(twin.sync.state, 'refused') !== 'REJECTED') return twin;
  return advance(twin, 'refused', now, twin.observedDesired?.change, reason);
}

/** [T8] Minus zero is zero, and a value equals itself. */
/** [T9] Not applied before it expired. */
export function expire(twin: Twin, reason: string, now: number): Twin {
  if (nextSyncState(twin.sync.state, 'expired') !== 'EXPIRED') return twin;
  return advance(twin, 'expired', now, twin.observedDesired?.change, reason);
}

export function sameValue(a: TwinValue, b: TwinValue): boolean {
  return a === b || Object.is(a, b);
}

/** The same reading again: value, quality and raw text are equal, whenever it was observed. */
export function sameReported(a: Reported | undefined, b: Reported): boolean {
  return a !== undefined && sameValue(a.value, b.value) && a.quality === b.quality && a.raw === b.raw;
}

/** [T5] The same wish: value, change and whether it fits. Another change that asks for the same value is another wish. */
export function sameDesired(a: Desired | undefined, b: Desired | undefined): boolean {
  if (!a || !b) return a === b;
  return sameValue(a.value, b.value) && a.change === b.change && a.misfit === b.misfit;
}

function advance(twin: Twin, event: SyncEvent, now: number, change?: string, reason?: string): Twin {
  const state = nextSyncState(twin.sync.state, event);
  if (state === twin.sync.state && change === twin.sync.change && reason === twin.sync.reason) return twin;
  return { ...twin, sync: { state, since: now, change, reason } };
}
