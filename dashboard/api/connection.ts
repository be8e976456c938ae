import { type Client, createClient } from 'graphql-ws';
import { type Cell, createCell } from '../state/cell.ts';
import type { Session } from './session.ts';

/** The road to the page's own server. */
export interface Road {
  state: 'connecting' | 'up' | 'down';
  /** Wall clock, ms: it is shown. */
  since: number;
  reason?: string;
}

export interface Connection {
  readonly client: Client;
  readonly road: Cell<Road>;
  close(): void;
}

/** A ping each, so that a server that vanished without a word is noticed; a busy one may take its time. */
const PING_MS = 8000;
const PONG_MS = 8000;
const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 4000;

const CLOSE_NO_CREDENTIALS = 4401;
const CLOSE_WRONG_CREDENTIALS = 4403;

/**
 * One WebSocket for all live data; it comes back by itself for as long as the page is open.
 * @param now wall clock, ms
 */
export function openConnection(session: Session, now: () => number): Connection {
  const road = createCell<Road>({ state: 'connecting', since: now() });
  let pong: ReturnType<typeof setTimeout> | undefined;
  let isClosed = false;

  const client = createClient({
    url: () => new URL('graphql', location.href.replace(/^http/, 'ws')).href,
    connectionParams: () => {
      const token = session.token();
      return token ? { authorization: `Bearer ${token}` } : {};
    },
    lazy: false,
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: (retries) => {
      const longest = Math.min(FIRST_RETRY_MS * 2 ** retries, LONGEST_RETRY_MS);
      // Spread: all pages of a server lose it at the same moment.
      return new Promise((resolve) => setTimeout(resolve, longest * (0.5 + Math.random() / 2)));
    },
    shouldRetry: (event) => !isAboutCredentials(event),
    onNonLazyError(event) {
      if (isAboutCredentials(event))
        session.require(
          session.token() ? 'The server does not take this token.' : 'The server asks for a token.',
        );
    },
    keepAlive: PING_MS,
    on: {
      connected: () => road.set({ state: 'up', since: now() }),
      ping: (received) => {
        if (!received) pong = setTimeout(() => client.terminate(), PONG_MS);
      },
      pong: (received) => {
        if (received) clearTimeout(pong);
      },
      closed: (event) => {
        clearTimeout(pong);
        // Each failed try closes too: the first one says since when.
        if (isClosed || road.get().state === 'down') return;
        const { reason } = event as CloseEvent;
        road.set({ state: 'down', since: now(), reason });
      },
    },
  });
  return {
    client,
    road,
    close() {
      isClosed = true;
      clearTimeout(pong);
      client.dispose();
    },
  };
}

function isAboutCredentials(event: unknown): boolean {
  const code = (event as Partial<CloseEvent> | undefined)?.code;
  return code === CLOSE_NO_CREDENTIALS || code === CLOSE_WRONG_CREDENTIALS;
}
