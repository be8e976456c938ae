import type { Clock } from '../lib/clock.ts';
import type { Closable, Close } from '../lib/disposables.ts';
import type { TwinSource } from '../resolvers/context.ts';
import type { DeviceId } from '../twin/device-object.ts';
import { silenceMs } from '../twin/freshness.ts';

export interface FreshnessWatchOptions {
  /** The device's properties as they are now; undefined where there is no such device. */
  known(device: DeviceId): readonly TwinSource[] | undefined;
  /** These are fresh now, and all others stale; of a device that was never published, all are stale. */
  publish(device: DeviceId, fresh: ReadonlySet<string>): void;
  clock: Clock;
}

export interface FreshnessWatch extends Closable {
  /** Its properties were collected at `aliveAt` (wall clock, milliseconds). */
  heard(device: DeviceId, aliveAt: number | undefined): void;
  /** The property said something. */
  reported(device: DeviceId, property: string): void;
  /** Anything else that freshness hangs on may be another: state, link, object. */
  look(device: DeviceId): void;
  /** The device is gone: one that comes under its name is another. */
  forget(device: DeviceId): void;
}

interface Entry {
  /** What was published. */
  fresh: ReadonlySet<string>;
  /** One of the others has a value: a collection would make it fresh. */
  hopes: boolean;
  /** Milliseconds without a collection after which the first of the others is stale; infinite where silence says nothing. */
  silenceMs: number;
  /** Wall clock, milliseconds. */
  freshUntil: number;
  aliveAt?: number;
  /** Milliseconds of a silence that came and went unseen, or 0: who read a twin meanwhile may have been told that it is stale. */
  lapsedMs: number;
}

const NONE: ReadonlySet<string> = new Set();

/** Deadlines that lie closer together than this, in milliseconds, are met together. */
const SWEEP_MS = 250;
/** The longest that it sleeps, milliseconds: the wall clock may jump. */
const REST_MS = 60_000;
/** Twins looked at in one go, about, and milliseconds until the next go: a link that goes down concerns all of a node. */
const SLICE_TWINS = 250;
const SLICE_MS = 10;

/**
 * [T27] Tells when a twin becomes stale though nothing arrived, and when it is fresh again. One timer for all, at the next deadline; what
 * is collected only puts the deadline off. A late look tells late by at most `SWEEP_MS`; 100 000 twins at once take four seconds: no more in a go than a subscriber's queue holds.
 */
export function startFreshnessWatch({ known, publish, clock }: FreshnessWatchOptions): FreshnessWatch {
  const entries = new Map<DeviceId, Entry>();
  const due = new Set<DeviceId>();
  let timer: { at: number; cancel: Close } | undefined;
  let isClosed = false;

  const arm = (ms: number) => {
    const at = clock.monotonic() + ms;
    if (isClosed || (timer && timer.at <= at)) return;
    timer?.cancel();
    timer = { at, cancel: clock.setTimer(ms, sweep) };
  };
  const soon = (device: DeviceId) => {
    due.add(device);
    arm(SLICE_MS);
  };

  function sweep(): void {
    timer = undefined;
    const now = clock.now();
    for (const [device, entry] of entries) if (freshUntil(entry) < now) due.add(device);
    judgeSome();
    let next = now + REST_MS;
    for (const entry of entries.values()) next = Math.min(next, freshUntil(entry) + 1);
    if (due.size > 0) arm(SLICE_MS);
    else if (entries.size > 0) arm(Math.max(SWEEP_MS, next - now));
  }

  function judgeSome(): void {
    let looked = 0;
    for (const device of due) {
      if (looked >= SLICE_TWINS) break;
      due.delete(device);
      const twins = known(device);
      looked += twins?.length ?? 1;
      if (twins) judge(device, twins);
      else entries.delete(device);
    }
  }

  function judge(device: DeviceId, twins: readonly TwinSource[]): void {
    const before = entries.get(device);
    const entry = entryOf(twins, before?.aliveAt);
    entries.set(device, entry);
    const told = before?.fresh ?? NONE;
    const lapsedMs = before?.lapsedMs ?? 0;
    const lapsed = twins.filter(({ model }) => told.has(model.name) && lapsedMs > silenceMs(model));
    if (lapsed.length > 0) publish(device, without(told, lapsed));
    if (lapsed.length > 0 || !isSame(told, entry.fresh)) publish(device, entry.fresh);
    // The very set that was published: who compares need not look into it.
    else entry.fresh = told;
  }

  return {
    heard(device, aliveAt) {
      const entry = entries.get(device);
      if (!entry) return soon(device);
      const silentMs = (aliveAt ?? 0) - (entry.aliveAt ?? aliveAt ?? 0);
      entry.aliveAt = aliveAt;
      if (silentMs > entry.silenceMs) entry.lapsedMs = Math.max(entry.lapsedMs, silentMs);
      if (entry.lapsedMs > 0 || entry.hopes) soon(device);
    },
    reported(device, property) {
      const entry = entries.get(device);
      if (!entry?.fresh.has(property)) soon(device);
    },
    look: soon,
    forget(device) {
      entries.delete(device);
      due.delete(device);
    },
    async close() {
      isClosed = true;
      timer?.cancel();
    },
  };
}

function entryOf(twins: readonly TwinSource[], heardAt: number | undefined): Entry {
  const fresh = new Set<string>();
  let aliveAt = heardAt;
  let hopes = false;
  let shortest = Number.POSITIVE_INFINITY;
  let until = Number.POSITIVE_INFINITY;
  for (const { model, reported, freshness } of twins) {
    if (freshness.stale) {
      hopes ||= reported !== undefined;
      continue;
    }
    fresh.add(model.name);
    if (freshness.freshUntil === undefined) continue;
    shortest = Math.min(shortest, silenceMs(model));
    until = Math.min(until, freshness.freshUntil);
    aliveAt ??= freshness.asOf;
  }
  return { fresh, hopes, silenceMs: shortest, freshUntil: until, aliveAt, lapsedMs: 0 };
}

/** A collection since the last look puts it off. */
const freshUntil = ({ freshUntil, aliveAt, silenceMs }: Entry): number =>
  aliveAt === undefined || freshUntil === Number.POSITIVE_INFINITY
    ? freshUntil
    : Math.max(freshUntil, aliveAt + silenceMs);

function without(names: ReadonlySet<string>, twins: readonly TwinSource[]): Set<string> {
  const rest = new Set(names);
  for (const { model } of twins) rest.delete(model.name);
  return rest;
}

const isSame = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean =>
  a.size === b.size && [...a].every((name) => b.has(name));
