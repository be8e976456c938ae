import type { Client } from 'graphql-ws';
import {
  type DeviceFilter,
  TwinsDocument,
  type TwinsSubscription,
  type TwinsSubscriptionVariables,
} from '../../schema/generated/dashboard/graphql.ts';
import { textOf } from '../api/document-text.ts';
import { type DeviceRef, deviceKey } from './keys.ts';
import type { TwinBoard } from './twin-board.ts';

/** Before a subscription that ended is asked for again. */
const AGAIN_MS = 1000;

/**
 * Keeps the board's picture of some devices true until closed: a lost connection resumes behind the last event that came,
 * and a server that cannot do that sends everything anew.
 */
export function followTwins(client: Client, board: TwinBoard, devices: readonly DeviceRef[]): () => void {
  // graphql-ws sends this very object at each connect: the cursor in it is where it goes on.
  const variables: TwinsSubscriptionVariables = { where: filterOf(devices), after: undefined };
  const names = new Map(devices.map((device) => [deviceKey(device), device]));
  /** Properties told by the snapshot that is coming in, by device. */
  let snapshot: Map<string, Set<string>> | undefined;
  let isClosed = false;
  let again: ReturnType<typeof setTimeout> | undefined;
  let stop = start();

  function start(): () => void {
    return client.subscribe<TwinsSubscription>(
      { query: textOf(TwinsDocument), variables: variables as Record<string, unknown> },
      { next: ({ data }) => data?.twins && take(data.twins), error: restart, complete: restart },
    );
  }

  /** The server completed it (it shuts down) or refused it: both pass. */
  function restart(): void {
    if (isClosed || again !== undefined) return;
    stop();
    again = setTimeout(() => {
      again = undefined;
      stop = start();
    }, AGAIN_MS);
  }

  function take({ kind, cursor, deviceRef, property, twin }: NonNullable<TwinsSubscription['twins']>): void {
    const device = deviceRef && names.get(deviceKey(deviceRef));
    switch (kind) {
      case 'RESET':
        snapshot = undefined;
        return;
      case 'GAP':
        // What it swallowed is not known: only a snapshot tells.
        variables.after = undefined;
        restart();
        return;
      case 'SNAPSHOT':
        snapshot ??= new Map([...names.keys()].map((name) => [name, new Set()]));
        if (deviceRef && property) snapshot.get(deviceKey(deviceRef))?.add(property);
        if (device && twin) board.put(device, twin);
        // Half a snapshot is nothing to resume from.
        return;
      case 'SNAPSHOT_END':
        for (const [name, properties] of snapshot ?? []) board.keepOnly(names.get(name)!, properties);
        snapshot = undefined;
        break;
      case 'LEFT':
        if (device && property) board.remove(device, property);
        break;
      case 'ENTERED':
      case 'UPDATED':
        if (device && twin) board.put(device, twin);
        break;
    }
    variables.after = cursor;
  }

  return () => {
    isClosed = true;
    clearTimeout(again);
    stop();
  };
}

/** Devices by name, one condition per namespace. */
export function filterOf(devices: readonly DeviceRef[]): DeviceFilter {
  const byNamespace = Map.groupBy(devices, ({ namespace }) => namespace);
  return {
    or: [...byNamespace].map(([namespace, refs]) => ({
      namespace: { eq: namespace },
      name: { in: refs.map(({ name }) => name) },
    })),
  };
}
