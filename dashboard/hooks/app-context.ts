import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { PlaceQuery } from '../../schema/generated/dashboard/graphql.ts';
import type { Connection } from '../api/connection.ts';
import type { Ask } from '../api/request.ts';
import type { Session } from '../api/session.ts';
import type { LiveDevices } from '../live/live-devices.ts';
import type { TwinBoard } from '../live/twin-board.ts';
import type { Cell } from '../state/cell.ts';
import type { Seconds } from './seconds.ts';
import type { RememberedList } from './use-device-list.ts';

/** What every part of the page may use. */
export interface App {
  session: Session;
  ask: Ask;
  connection: Connection;
  board: TwinBoard;
  live: LiveDevices;
  place: PlaceQuery['place'];
  viewer: PlaceQuery['viewer'];
  /** Ticks once a second while the page is not paused. */
  seconds: Seconds;
  paused: Cell<boolean>;
  /** So that who goes back to it finds it as it was. */
  lastList: { current?: RememberedList };
}

export const AppContext = createContext<App | undefined>(undefined);

export function useApp(): App {
  const app = useContext(AppContext);
  if (!app) throw new Error('useApp outside of the app');
  return app;
}
