const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const YEAR_MS = 365 * DAY_MS;

/** An age as `kubectl get` shows it: `95s`, `7m12s`, `3d4h`. Source: k8s.io/apimachinery/pkg/util/duration. */
export function humanDuration(ms: number): string {
  if (ms < -SECOND_MS) return '<invalid>';
  if (ms < 2 * MINUTE_MS) return `${Math.max(0, Math.floor(ms / SECOND_MS))}s`;
  if (ms < 10 * MINUTE_MS) return pair(ms, MINUTE_MS, 'm', SECOND_MS, 's');
  if (ms < 3 * HOUR_MS) return `${Math.floor(ms / MINUTE_MS)}m`;
  if (ms < 8 * HOUR_MS) return pair(ms, HOUR_MS, 'h', MINUTE_MS, 'm');
  if (ms < 2 * DAY_MS) return `${Math.floor(ms / HOUR_MS)}h`;
  if (ms < 8 * DAY_MS) return pair(ms, DAY_MS, 'd', HOUR_MS, 'h');
  if (ms < 2 * YEAR_MS) return `${Math.floor(ms / DAY_MS)}d`;
  if (ms < 8 * YEAR_MS) return pair(ms, YEAR_MS, 'y', DAY_MS, 'd');
  return `${Math.floor(ms / YEAR_MS)}y`;
}

function pair(ms: number, unitMs: number, unit: string, restMs: number, rest: string): string {
  const remainder = Math.floor((ms % unitMs) / restMs);
  return `${Math.floor(ms / unitMs)}${unit}${remainder > 0 ? `${remainder}${rest}` : ''}`;
}
