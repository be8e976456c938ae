import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { DeviceFieldsFragment } from '../../schema/generated/dashboard/graphql.ts';
import { countDevices, loadDevices } from '../data/devices.ts';
import type { DeviceFilters } from '../state/route.ts';
import { useApp } from './app-context.ts';
import { useQuery } from './use-query.ts';
import { useCell } from './use-watch.ts';

export interface DeviceList {
  devices: readonly DeviceFieldsFragment[];
  /** Undefined until the first answer. */
  totalCount?: number;
  error?: Error;
  /** Asks for the next page, unless there is none or it is on its way. */
  loadMore(): void;
  /** Asks now whether others fit. */
  recount(): void;
}

/** The list that was shown last, of whatever filters. */
export interface RememberedList extends Pick<DeviceList, 'devices' | 'totalCount'> {
  key: string;
}

/** One reading of the list, from its first page on. */
interface Reading {
  abort: AbortController;
  devices: DeviceFieldsFragment[];
  /** Where the next page begins; undefined at the start and at the end. */
  next?: string;
  /** Nothing is shown before there are as many: a list that is read again does not shrink under its reader. */
  atLeast: number;
  isBusy: boolean;
}

/** Of a person who types: the pause that says that a word is finished, ms. */
const TYPING_MS = 200;

/** Whether others fit by now is asked this often, ms. */
const COUNT_EVERY_MS = 5000;

/** The devices that fit, in pages from the server; read again when a filter changes, their number does, or the server is back. */
export function useDeviceList(filters: DeviceFilters): DeviceList {
  const { ask, connection, lastList } = useApp();
  const isUp = useCell(connection.road).state === 'up';
  const key = JSON.stringify(filters);
  const known = lastList.current?.key === key ? lastList.current : undefined;
  const [state, setState] = useState<Pick<DeviceList, 'devices' | 'totalCount' | 'error'>>(
    known ?? { devices: [] },
  );
  const reading = useRef<Reading>(undefined);
  const lastKey = useRef<string>(undefined);

  const read = useCallback(async () => {
    const run = reading.current;
    if (!run || run.isBusy) return;
    run.isBusy = true;
    try {
      let totalCount: number;
      do {
        const page = await loadDevices(ask, JSON.parse(key), run.next, run.abort.signal);
        run.devices = [...run.devices, ...page.devices];
        run.next = page.next;
        totalCount = page.totalCount;
      } while (run.next !== undefined && run.devices.length < run.atLeast);
      setState({ devices: run.devices, totalCount });
      lastList.current = { key, devices: run.devices, totalCount };
    } catch (error) {
      if (!run.abort.signal.aborted) setState((last) => ({ ...last, error: error as Error }));
    } finally {
      run.isBusy = false;
    }
  }, [ask, key, lastList]);

  // Of ten thousand devices nobody reads all again to see that none came.
  const { data: count, reload: recount } = useQuery(
    (signal) => countDevices(ask, filters, signal),
    [key],
    COUNT_EVERY_MS,
  );
  const [outdated, setOutdated] = useState(0);
  const shownCount = useRef(state.totalCount);
  shownCount.current = state.totalCount;
  useEffect(() => {
    const isOutdated =
      shownCount.current !== undefined && count !== undefined && count !== shownCount.current;
    if (isOutdated) setOutdated((times) => times + 1);
  }, [count]);

  // `isUp`: a server that is back may know other devices.
  useEffect(() => {
    const isSameList = lastKey.current === key;
    const isFirst = lastKey.current === undefined;
    const atLeast = isSameList ? (reading.current?.devices.length ?? 0) : (known?.devices.length ?? 0);
    lastKey.current = key;
    const run: Reading = { abort: new AbortController(), devices: [], atLeast, isBusy: false };
    reading.current = run;
    const timer = setTimeout(read, isFirst || isSameList ? 0 : TYPING_MS);
    return () => {
      clearTimeout(timer);
      run.abort.abort();
    };
  }, [read, isUp, outdated]);

  const loadMore = useCallback(() => {
    if (reading.current?.next !== undefined) void read();
  }, [read]);
  return { ...state, loadMore, recount };
}
