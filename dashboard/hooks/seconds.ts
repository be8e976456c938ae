import { type Cell, createCell } from '../state/cell.ts';

/** The page's only clock for what is drawn: ages count on, and values go stale, at its ticks. */
export interface Seconds {
  /** Monotonic ms of the last tick. */
  readonly monotonic: Cell<number>;
  /** Wall clock ms at the last tick. */
  wall(): number;
  /** Whether it stands: what is shown is of the moment it stopped. */
  setPaused(paused: boolean): void;
  close(): void;
}

export function startSeconds(): Seconds {
  const monotonic = createCell(performance.now());
  let wall = Date.now();
  let isPaused = false;
  const tick = () => {
    if (isPaused) return;
    wall = Date.now();
    monotonic.set(performance.now());
  };
  const timer = setInterval(tick, 1000);
  return {
    monotonic,
    wall: () => wall,
    setPaused(paused) {
      isPaused = paused;
      tick();
    },
    close: () => clearInterval(timer),
  };
}
