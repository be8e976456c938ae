import type { Client } from 'graphql-ws';
import {
  type DeviceFilter,
  TwinsDocument,
  type TwinsSubscription,
  type TwinsSubscriptionVariables,
} from '../../schema/generated/dashboard/graphql.ts';
import { keepSubscribed } from './keep-subscribed.ts';
import { type DeviceRef, deviceKey } from './keys.ts';
import type { TwinBoard } from './twin-board.ts';

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
  const subscription = keepSubscribed(client, TwinsDocument, variables, ({ twins }) => {
    if (twins) take(twins);
  });

  function take({ kind, cursor, deviceRef, property, twin }: NonNullable<TwinsSubscription['twins']>): void {
    const device = deviceRef && names.get(deviceKey(deviceRef));
    switch (kind) {
      case 'RESET':
        snapshot = undefined;
        return;
      case 'GAP':
        // What it swallowed is not known: only a snapshot tells.
        variables.after = undefined;
        subscription.restart();
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

  return subscription.close;
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
