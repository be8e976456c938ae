export interface BackoffOptions {
  baseMs: number;
  capMs: number;
  /** 0 ≤ random() < 1 */
  random: () => number;
}

/** Full jitter: anything from 0 to base · 2^attempt, never over the cap. Attempts count from 0. */
export function backoffDelay(attempt: number, { baseMs, capMs, random }: BackoffOptions): number {
  return random() * Math.min(capMs, baseMs * 2 ** Math.min(attempt, 30));
}
