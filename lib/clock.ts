import type { Close } from './disposables.ts';

/** Time as a parameter: real in production, stepped by hand in tests. */
export interface Clock {
  /** Wall clock, milliseconds since the epoch. Data only: nothing is ordered by it. */
  now(): number;
  /** Never goes backwards; milliseconds from an arbitrary start. Ages and deadlines count on it. */
  monotonic(): number;
  /** Runs `fn` once after `ms`; the returned function cancels it. */
  setTimer(ms: number, fn: () => void): Close;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimer(ms, fn) {
    const timer = setTimeout(fn, ms);
    return () => clearTimeout(timer);
  },
};

/** Calls `fn` every `ms` until closed. The next period starts when `fn` returns, so a slow `fn` never piles up. */
export function every(clock: Clock, ms: number, fn: () => void): Close {
  let cancel: Close = () => {};
  const arm = () => {
    cancel = clock.setTimer(ms, () => {
      arm();
      fn();
    });
  };
  arm();
  return () => cancel();
}

export const toIso = (ms: number): string => new Date(ms).toISOString();
