import { loadavg } from 'node:os';

/** One line per figure: what, its fields, and the load of the machine beside. */
export function say(figure: string, fields: Record<string, unknown>): void {
  const load = Math.round((loadavg()[0] as number) * 10) / 10;
  process.stdout.write(`${JSON.stringify({ figure, ...fields, load })}\n`);
}

export const round = (number: number) => Math.round(number * 100) / 100;

export interface Percentiles {
  p50: number;
  p99: number;
}

export function percentiles(times: readonly number[]): Percentiles {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (part: number) => round(sorted[Math.floor(part * (sorted.length - 1))] as number);
  return { p50: at(0.5), p99: at(0.99) };
}

/** Of several rounds: the best, as what disturbs a round on a shared machine makes it slower, and the range. */
export function spread(rounds: readonly (readonly number[])[]) {
  const each = rounds.map(percentiles);
  const of = (pick: (percentiles: Percentiles) => number) => {
    const values = each.map(pick);
    return { best: Math.min(...values), worst: Math.max(...values) };
  };
  return { p50Ms: of(({ p50 }) => p50), p99Ms: of(({ p99 }) => p99) };
}
