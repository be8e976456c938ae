import { isDeepStrictEqual } from 'node:util';
import type { Deadband } from '../resolvers/flow.ts';
import type { TwinView } from '../twin/view.ts';

/**
 * Whether all that differs is a number, by no more than the deadband. Quality, raw text, sync state, what is desired and the
 * type are never folded, nor is a value that is no number.
 */
export function isWithin(deadband: Deadband | undefined, told: TwinView, view: TwinView): boolean {
  const [one, other] = [told.reported, view.reported];
  if (!deadband || typeof one?.value !== 'number' || typeof other?.value !== 'number') return false;
  const size = deadband.kind === 'absolute' ? deadband.size : (Math.abs(one.value) * deadband.size) / 100;
  // 21 − 20.7 is a little more than 0.3 in binary.
  const rounding = (Math.abs(one.value) + Math.abs(other.value)) * Number.EPSILON;
  return (
    Math.abs(other.value - one.value) <= size + rounding &&
    isDeepStrictEqual(besideNumber(told), besideNumber(view))
  );
}

const besideNumber = ({ model, desired, observedDesired, reported, sync }: TwinView) => [
  model,
  desired,
  observedDesired,
  reported?.quality,
  reported?.raw,
  sync.state,
  sync.change,
  sync.reason,
];
