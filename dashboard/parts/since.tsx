import { useApp } from '../hooks/app-context.ts';
import { useWatch } from '../hooks/use-watch.ts';
import { formatAge, formatInstant } from '../state/format.ts';

/** How long something has lasted, counting on by itself; the instant stands in its tooltip. */
export function Since({ at, prefix = '' }: { at: string | number | null | undefined; prefix?: string }) {
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
    <time class="since" dateTime={iso} title={formatInstant(iso, seconds.wall())}>
      {prefix}
      {text}
    </time>
  );
}
