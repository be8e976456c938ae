import type { LiveStep } from './live-event.ts';

/** One value before and after a change of it; absent where it was not, or is no more. Both are immutable. */
export interface ValueChange<V> {
  before?: V;
  after?: V;
}

/**
 * Nobody's membership is stored: a value was a member if it matched before, and is one if it matches after. So it is
 * known of a replayed change as of a new one, whatever the subscriber saw in between.
 * @param matches must look at nothing but the value
 */
export function stepsOf<V>({ before, after }: ValueChange<V>, matches: (value: V) => boolean): LiveStep<V>[] {
  const was = before !== undefined && matches(before);
  if (after !== undefined && matches(after)) return [{ kind: was ? 'UPDATED' : 'ENTERED', value: after }];
  return was ? [{ kind: 'LEFT', value: after ?? before, isGone: after === undefined }] : [];
}
