import { useApp } from '../hooks/app-context.ts';
import { useWatch } from '../hooks/use-watch.ts';
import { formatAge, formatInstant } from '../state/format.ts';

export interface SinceProps {
  at: string | number | null | undefined;
  /** `for 4 s`, `4 s ago`; a moment that is hardly over is `just now` in both. @default the bare length */
  as?: 'for' | 'ago';
}

/** How long something has lasted or is over, counting on by itself; the instant stands in its tooltip. */
export function Since({ at, as }: SinceProps) {
  const { seconds } = useApp();
  const instant = at === null || at === undefined ? Number.NaN : new Date(at).getTime();
  const text = useWatch(
    seconds.monotonic.watch,
    () => (Number.isNaN(instant) ? '' : formatAge(Math.max(0, seconds.wall() - instant))),
    [seconds, instant],
  );
  if (text === '') return null;
  const iso = new Date(instant).toISOString();
  return (
    // A timer is not read out each second where what stands around it is read out as it changes.
    <time class="since" role="timer" dateTime={iso} title={formatInstant(iso, seconds.wall())}>
      {phrase(text, as)}
    </time>
  );
}

function phrase(length: string, as: SinceProps['as']): string {
  if (as === undefined) return length;
  if (length === 'now') return 'just now';
  return as === 'for' ? `for ${length}` : `${length} ago`;
}
