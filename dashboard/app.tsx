import { useEffect, useState } from 'preact/hooks';
import { PlaceDocument, type PlaceQuery } from '../schema/generated/dashboard/graphql.ts';
import { openConnection } from './api/connection.ts';
import { createAsk } from './api/request.ts';
import type { Session } from './api/session.ts';
import { AppContext, type App as AppParts, useApp } from './hooks/app-context.ts';
import { startSeconds } from './hooks/seconds.ts';
import { useRoute } from './hooks/use-route.ts';
import { focusMain, useScroll } from './hooks/use-scroll.ts';
import { useCell } from './hooks/use-watch.ts';
import { browserFrames } from './live/frame-batch.ts';
import { LiveDevices } from './live/live-devices.ts';
import { TwinBoard } from './live/twin-board.ts';
import { ConflictsPage } from './pages/conflicts-page.tsx';
import { DevicePage } from './pages/device-page.tsx';
import { DevicesPage } from './pages/devices-page.tsx';
import { FleetPage } from './pages/fleet-page.tsx';
import { NodePage } from './pages/node-page.tsx';
import { SignIn } from './pages/sign-in.tsx';
import { TopBar } from './parts/top-bar.tsx';
import { createCell } from './state/cell.ts';
import { NO_FILTERS, type Route, titleOf, WHOLE_FLEET } from './state/route.ts';

/** Between two tries to learn where the page is. */
const PLACE_RETRY_MS = 2000;

/** What the server said of itself and of who asks. */
interface Known extends PlaceQuery {
  /** How far its wall clock is ahead of the browser's. */
  aheadMs: number;
}

/** The page, or the question for a token where its server asks for one. */
export function App({ session }: { session: Session }) {
  const demand = useCell(session.demand);
  return demand ? <SignIn session={session} message={demand.message} /> : <SignedIn session={session} />;
}

function SignedIn({ session }: { session: Session }) {
  const [known, setKnown] = useState<Known>();
  const [app, setApp] = useState<AppParts>();

  useEffect(() => {
    const ask = createAsk(session);
    const abort = new AbortController();
    const learn = async (): Promise<void> => {
      try {
        const { place, viewer } = await ask(PlaceDocument, {}, abort.signal);
        session.mayWrite.set(viewer.mayWrite);
        setKnown({ place, viewer, aheadMs: Date.parse(place.time) - Date.now() });
      } catch {
        // The server is not up yet, or asks for a token: the session knows the latter.
        if (!abort.signal.aborted && !session.demand.get()) setTimeout(learn, PLACE_RETRY_MS);
      }
    };
    void learn();
    return () => abort.abort();
  }, [session]);

  useEffect(() => {
    if (!known) return;
    const parts = startApp(session, known);
    setApp(parts.app);
    return parts.close;
  }, [session, known]);

  if (!app) return <p class="starting">Connecting to this server</p>;
  return (
    <AppContext.Provider value={app}>
      {/* A button, not a link: the address after `#` is a route of ours. */}
      <button type="button" class="skip" onClick={focusMain}>
        Skip to content
      </button>
      <TopBar />
      <Page
        home={
          app.place.kind === 'CLOUD' ? { page: 'fleet', ...WHOLE_FLEET } : { page: 'devices', ...NO_FILTERS }
        }
      />
    </AppContext.Provider>
  );
}

function Page({ home }: { home: Route }) {
  const { place } = useApp();
  const route = useRoute() ?? home;
  const title = titleOf(route);
  useScroll(`${route.page} ${title}`);
  useEffect(() => {
    document.title = `${title} · ${place.nodeName ?? 'cloud'} · Octograph`;
  }, [title, place]);
  switch (route.page) {
    case 'fleet': {
      const { page: _, ...filters } = route;
      return <FleetPage filters={filters} />;
    }
    case 'node':
      return <NodePage key={route.name} name={route.name} />;
    case 'conflicts':
      return <ConflictsPage show={route.show} />;
    case 'devices': {
      const { page: _, ...filters } = route;
      return <DevicesPage filters={filters} />;
    }
    case 'device':
      return <DevicePage key={`${route.namespace}/${route.name}`} {...route} />;
  }
}

/** Everything that lives as long as somebody is signed in. */
function startApp(session: Session, { place, viewer, aheadMs }: Known): { app: AppParts; close(): void } {
  const ask = createAsk(session);
  const seconds = startSeconds(aheadMs);
  const connection = openConnection(session, seconds.now);
  const board = new TwinBoard(browserFrames);
  const live = new LiveDevices({ client: connection.client, ask, board });
  const paused = createCell(false);
  const endPause = paused.watch(() => {
    board.setPaused(paused.get());
    seconds.setPaused(paused.get());
  });
  // What it missed while the server was away comes at once, not at the next round.
  const endRoad = connection.road.watch(() => connection.road.get().state === 'up' && void live.refresh());
  return {
    app: { session, ask, connection, board, live, place, viewer, seconds, paused, lastList: {} },
    close() {
      endPause();
      endRoad();
      live.close();
      seconds.close();
      connection.close();
    },
  };
}
