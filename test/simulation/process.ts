import type { Clock } from '../../lib/clock.ts';
import type { Close } from '../../lib/disposables.ts';
import type { Timeline } from './timeline.ts';

/** What a wall clock shows at the beginning of the world. */
export const EPOCH = 1_700_000_000_000;

/** A wall clock that somebody may set; it outlives the processes that look at it. */
export class WallClock {
  offsetMs = 0;
  readonly #timeline: Timeline;

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
  }

  now(): number {
    return EPOCH + Math.floor(this.#timeline.now) + this.offsetMs;
  }
}

/**
 * One life of a process. What it does after `kill` reaches nobody: its timers do not run, and whoever lets it out into the
 * world (disk, network, devices) asks `isAlive` first.
 */
export class Process implements Clock {
  isAlive = true;
  readonly #timeline: Timeline;
  readonly #wall: WallClock;
  readonly #startedAt: number;
  readonly #onKill: () => void;
  #pointsLeft = Number.POSITIVE_INFINITY;

  constructor(timeline: Timeline, wall: WallClock, onKill: () => void) {
    this.#timeline = timeline;
    this.#wall = wall;
    this.#startedAt = timeline.now;
    this.#onKill = onKill;
  }

  now(): number {
    return this.#wall.now();
  }

  monotonic(): number {
    return this.#timeline.now - this.#startedAt;
  }

  setTimer(ms: number, fn: () => void): Close {
    return this.#timeline.after(ms, () => {
      if (this.isAlive) fn();
    });
  }

  /** Ends the process at once, in the middle of whatever it does. */
  kill(): void {
    if (!this.isAlive) return;
    this.isAlive = false;
    this.#onKill();
  }

  /** Ends the process when it passes the so-manieth place where it touches the world. */
  killAfter(points: number): void {
    this.#pointsLeft = points;
  }

  /** Such a place. @returns whether the process is alive behind it */
  passes(): boolean {
    if (this.isAlive && --this.#pointsLeft < 0) this.kill();
    return this.isAlive;
  }
}
