import type { EventFieldsFragment } from '../../schema/generated/dashboard/graphql.ts';
import { Badge } from './badge.tsx';
import { Since } from './since.tsx';

/** What Kubernetes was told of an object, the last one first. */
export function Events({ events }: { events: readonly EventFieldsFragment[] }) {
  if (events.length === 0) return null;
  return (
    <section class="panel wide">
      <h2>Events</h2>
      <ul class="events">
        {events.map(({ type, reason, message, source, count, lastSeenAt }) => (
          <li key={`${reason}${lastSeenAt}${message}`}>
            <Badge shape={type === 'Warning' ? 'warn' : 'none'} tone={type === 'Warning' ? 'warn' : 'quiet'}>
              {reason ?? type}
            </Badge>
            <span>{message}</span>
            <small>
              {source} {count > 1 && `${count} times, `}
              <Since at={lastSeenAt} as="ago" />
            </small>
          </li>
        ))}
      </ul>
    </section>
  );
}
