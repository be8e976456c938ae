import { OctographError } from '../lib/errors.ts';

export const CONFLATE = ['EVERY', 'LATEST'] as const;

/** What of a property's updates a subscriber wants to be told. */
export interface Flow {
  /** Milliseconds between two updates of one property, at most 3 600 000; what comes between is folded into the last one. 0: none. */
  minIntervalMs: number;
  /** How far a number may be from the one that was told last, without being told. */
  deadband?: Deadband;
}

/** Absolute: in the property's unit, 0 or more. Percent: of the number that was told last, 0 to 100. */
export type Deadband = { kind: 'absolute' | 'percent'; size: number };

export interface FlowInput {
  minIntervalMs?: number | null;
  deadband?: { absolute?: number | null; percent?: number | null } | null;
  conflate?: (typeof CONFLATE)[number] | null;
}

const INTERVAL_LIMIT_MS = 3_600_000;
/** Of LATEST where no interval is given: more often nobody sees the difference. */
const LATEST_INTERVAL_MS = 100;

/**
 * Undefined where every update is wanted.
 * @throws OctographError `BAD_USER_INPUT` naming the field
 */
export function flowOf(input: FlowInput | null | undefined): Flow | undefined {
  if (!input) return undefined;
  const minIntervalMs = intervalOf(input);
  const deadband = input.deadband ? deadbandOf(input.deadband) : undefined;
  return minIntervalMs > 0 || deadband ? { minIntervalMs, deadband } : undefined;
}

/** An interval folds by itself: whoever gives one does not want every update, whatever the default of `conflate` says. */
function intervalOf({ minIntervalMs, conflate }: FlowInput): number {
  const given = minIntervalMs ?? 0;
  if (given < 0 || given > INTERVAL_LIMIT_MS)
    throw bad(`flow.minIntervalMs is ${given}: expected 0 to ${INTERVAL_LIMIT_MS}`);
  return given === 0 && conflate === 'LATEST' ? LATEST_INTERVAL_MS : given;
}

function deadbandOf({ absolute, percent }: NonNullable<FlowInput['deadband']>): Deadband {
  if ((absolute == null) === (percent == null))
    throw bad(`flow.deadband has ${absolute == null ? 'neither' : 'both'}: expected absolute or percent`);
  if (absolute != null) {
    if (absolute >= 0) return { kind: 'absolute', size: absolute };
    throw bad(`flow.deadband.absolute is ${absolute}: expected 0 or more`);
  }
  if (percent != null && percent >= 0 && percent <= 100) return { kind: 'percent', size: percent };
  throw bad(`flow.deadband.percent is ${percent}: expected 0 to 100`);
}

const bad = (message: string) => new OctographError('BAD_USER_INPUT', message);
