import { useEffect } from 'preact/hooks';
import { countOpenConflicts } from '../data/conflicts.ts';
import { useApp } from '../hooks/app-context.ts';
import { useQuery } from '../hooks/use-query.ts';
import { useRoute } from '../hooks/use-route.ts';
import { useCell } from '../hooks/use-watch.ts';
import { REFRESH_MS } from '../state/freshness.ts';
import { formatRoute, NO_FILTERS, WHOLE_FLEET } from '../state/route.ts';
import { Badge } from './badge.tsx';
import { Logo } from './logo.tsx';
import { Notices } from './notices.tsx';

/** Where the page is, its ways, and what holds for all of it: rights, pause, what is away. */
export function TopBar() {
  const { place, viewer, session, paused } = useApp();
  const page = useRoute()?.page;
  const isPaused = useCell(paused);
  const mayWrite = useCell(session.mayWrite);
  useShortcuts();
  const isCloud = place.kind === 'CLOUD';
  const isDevices = page === 'devices' || page === 'device' || (!page && !isCloud);
  const isFleet = page === 'fleet' || page === 'node' || (!page && isCloud);
  return (
    <header class="top">
      <div class="top-bar">
        <a class="brand" href="#/" aria-label="Octograph, start page">
          <Logo />
          <span>Octograph</span>
        </a>
        <span class="place">{isCloud ? 'cloud' : place.nodeName}</span>
        <nav aria-label="Main">
          {isCloud && (
            <a href={formatRoute({ page: 'fleet', ...WHOLE_FLEET })} aria-current={currentIf(isFleet)}>
              Fleet
            </a>
          )}
          <a href={formatRoute({ page: 'devices', ...NO_FILTERS })} aria-current={currentIf(isDevices)}>
            Devices
          </a>
          {isCloud && (
            <a
              href={formatRoute({ page: 'conflicts', show: 'open' })}
              aria-current={currentIf(page === 'conflicts')}
            >
              Conflicts <WaitingConflicts />
            </a>
          )}
        </nav>
        <span class="spring" />
        {!mayWrite && (
          <Badge shape="none" tone="quiet" title={`${viewer.name} may read, and change nothing.`}>
            read only
          </Badge>
        )}
        <button
          type="button"
          class="plain"
          aria-pressed={isPaused}
          onClick={() => paused.set(!isPaused)}
          title="Pause (p)"
        >
          {isPaused ? 'Resume' : 'Pause'}
        </button>
        {session.token() && (
          <button
            type="button"
            class="plain"
            title={`Signed in as ${viewer.name}`}
            onClick={() => session.signOut()}
          >
            Sign out
          </button>
        )}
      </div>
      <Notices />
    </header>
  );
}

/** How many conflicts wait for somebody. */
function WaitingConflicts() {
  const { ask } = useApp();
  const { data } = useQuery((signal) => countOpenConflicts(ask, signal), [], REFRESH_MS);
  return data === undefined ? null : <span class="waiting-count">{data}</span>;
}

const currentIf = (isCurrent: boolean) => (isCurrent ? 'page' : undefined);

/** `/` to the search field, `p` to pause; not while somebody types. */
function useShortcuts(): void {
  const { paused } = useApp();
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (event.ctrlKey || event.metaKey || event.altKey || target.closest('input, select, textarea')) return;
      if (event.key === 'p') paused.set(!paused.get());
      else if (event.key === '/') {
        event.preventDefault();
        document.querySelector<HTMLInputElement>('[data-main-search]')?.focus();
      }
    };
    addEventListener('keydown', listen);
    return () => removeEventListener('keydown', listen);
  }, [paused]);
}
