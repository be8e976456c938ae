import type { LiveStep } from './live-event.ts';

/**
 * Folds what an audience is told before it is shared. It holds no timer: time is given, in monotonic milliseconds, and it
 * says when it wants to be asked again.
 */
export interface Stage<V> {
  /** Something may be told later than it happened: then an event's place says nothing of what still waits. */
  readonly isTimed: boolean;
  /** When something that waits may be due; undefined where nothing is. */
  readonly nextDueAt: number | undefined;
  /** What is told of a step at once. */
  take(step: LiveStep<V>, now: number): LiveStep<V> | undefined;
  /** What waited long enough. */
  due(now: number): LiveStep<V>[];
  /** What a snapshot shows of a member, so that who comes later knows what the others know. */
  shown(member: V): V;
}
