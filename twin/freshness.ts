import type { PropertyModel } from './model.ts';

export type FreshnessSource = 'DEVICE' | 'EDGE' | 'REPLICA' | 'LAST_KNOWN';

export interface Freshness {
  source: FreshnessSource;
  /** Wall clock, milliseconds: the last collection that the answer rests on. */
  asOf?: number;
  ageMs?: number;
  stale: boolean;
  /** Wall clock, milliseconds: fresh up to and including then, if nothing is heard before; undefined where stale, or where silence says nothing. */
  freshUntil?: number;
  link: 'UP' | 'DOWN';
  /** Wall clock, milliseconds. */
  linkSince?: number;
}

export interface FreshnessInput {
  source: FreshnessSource;
  model: PropertyModel;
  /** The property comes by event: silence says nothing, only the device's state does. */
  byEvent: boolean;
  observedAt?: number;
  aliveAt?: number;
  deviceState: string;
  link: 'UP' | 'DOWN';
  linkSince?: number;
  now: number;
}

/**
 * [T15] Age counts from the last successful collection, not from the last change; where the property comes by event, from
 * the event. Stale = device not online, nothing ever said, or no collection for three cycles; in the cloud also link down.
 */
export function freshnessOf(input: FreshnessInput): Freshness {
  const { model, source, now } = input;
  const asOf = input.byEvent ? input.observedAt : (input.aliveAt ?? input.observedAt);
  const ageMs = asOf === undefined ? undefined : Math.max(0, now - asOf);
  const isRemote = source === 'REPLICA' || source === 'LAST_KNOWN';
  const isSilent = !input.byEvent && (ageMs === undefined || ageMs > silenceMs(model));
  const stale =
    (isRemote && input.link === 'DOWN') ||
    input.deviceState !== 'online' ||
    input.observedAt === undefined ||
    isSilent;
  return {
    source,
    asOf,
    ageMs,
    stale,
    freshUntil: stale || input.byEvent || asOf === undefined ? undefined : asOf + silenceMs(model),
    link: input.link,
    linkSince: input.linkSince,
  };
}

/** [T15] Milliseconds without a collection that are more than a hiccup. */
export const silenceMs = ({ collectCycleMs, reportCycleMs }: PropertyModel): number =>
  3 * Math.max(collectCycleMs, reportCycleMs);
