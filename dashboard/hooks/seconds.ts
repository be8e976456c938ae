import { type Cell, createCell } from '../state/cell.ts';

/** The page's only clock for what is drawn: ages count on, and values go stale, at its ticks. */
export interface Seconds {
  /** Monotonic ms of the last tick. */
  readonly monotonic: Cell<number>;
  /** Wall clock ms of the server, which all instants that it tells are in, at the last tick. */
  wall(): number;
  /** The same, now. */
  now(): number;
  /** Whether it stands: what is shown is of the moment it stopped. */
  setPaused(paused: boolean): void;
  close(): void;
}

/** @param aheadMs how far the server's wall clock is ahead of the browser's: on a desk that is off by an hour, too, a second is one */
export function startSeconds(aheadMs: number): Seconds {
  const now = () => Date.now() + aheadMs;
  const monotonic = createCell(performance.now());
  let wall = now();
  let isPaused = false;
  const tick = () => {
    if (isPaused) return;
    wall = now();
    monotonic.set(performance.now());
  };
  const timer = setInterval(tick, 1000);
  return {
    monotonic,
    wall: () => wall,
    now,
    setPaused(paused) {
      isPaused = paused;
      tick();
    },
    close: () => clearInterval(timer),
  };
}
