import type { Clock } from '../lib/clock.ts';
import type {
  DeviceEventSource,
  DeviceFeed,
  DeviceKey,
  DeviceRequest,
  DeviceVersion,
  TwinEventSource,
  TwinFeed,
  TwinRequest,
  TwinSource,
} from '../resolvers/context.ts';
import { deviceId } from '../twin/device-object.ts';
import type { TwinView } from '../twin/view.ts';
import {
  changeBetween,
  changeOfTwin,
  type DeviceChange,
  deviceSteps,
  type TwinMember,
  twinSteps,
} from './device-change.ts';
import type { LiveEvent } from './live/live-event.ts';
import { createLiveLog, type LiveLog } from './live/live-log.ts';
import { matching } from './live/live-set.ts';
import { TwinFold } from './twin-fold.ts';

export interface LiveDevicesOptions {
  /** Names this process's logs: a cursor of another one is foreign here. */
  epoch: string;
  /** Changes kept for those who resume. @default 10 000 */
  limit?: number;
  clock: Clock;
  /** Freshness is told when an event is delivered, not when it was made. */
  sourceOf(device: DeviceKey, view: TwinView): TwinSource;
}

/**
 * The live sets behind the subscriptions `devices` and `twins`, in the cloud and at the edge. It keeps the last version of each
 * device, so that a change is known by what was before and what is after; saying the same again is no change. Memory:
 * some hundred bytes for each of the changes that the logs keep, whatever the device has (`TwinViews`).
 */
export class LiveDevices {
  readonly #versions = new Map<string, DeviceVersion>();
  readonly #twins: LiveLog<DeviceChange, TwinRequest, TwinEventSource>;
  readonly #devices: LiveLog<DeviceChange, DeviceRequest, DeviceEventSource>;
  /** For filters that look at twins: with each of their changes a device may begin or cease to match. */
  readonly #devicesByTwins: LiveLog<DeviceChange, DeviceRequest, DeviceEventSource>;

  constructor({ epoch, limit, clock, sourceOf }: LiveDevicesOptions) {
    this.#twins = createLiveLog<DeviceChange, TwinMember, TwinRequest, TwinEventSource>({
      epoch,
      limit,
      viewOf: (request) => ({
        scope: request.scope,
        members: () => twinMembers(matching([...this.#versions.values()], request.matches), request),
        stepsOf: (change) => twinSteps(change, request),
        flow: request.flow && { clock, open: () => new TwinFold(request.flow!) },
      }),
      present: (event) => twinEventOf(event, sourceOf),
    });
    const createDeviceLog = (epochOfLog: string) =>
      createLiveLog<DeviceChange, DeviceVersion, DeviceRequest, DeviceEventSource>({
        epoch: epochOfLog,
        limit,
        viewOf: (request) => ({
          scope: request.scope,
          members: () => matching([...this.#versions.values()], request.matches),
          stepsOf: (change) => deviceSteps(change, request),
        }),
        present: deviceEventOf,
      });
    this.#devices = createDeviceLog(epoch);
    this.#devicesByTwins = createDeviceLog(`${epoch}-twins`);
  }

  get twins(): TwinFeed {
    return this.#twins;
  }

  get devices(): DeviceFeed {
    return {
      subscribe: (request) => (request.readsTwins ? this.#devicesByTwins : this.#devices).subscribe(request),
    };
  }

  /** The device as it stands now, whatever of it is new; which of its twins are fresh is `putFresh`'s to say. */
  put(given: DeviceVersion): void {
    const id = idOf(given.key);
    const known = this.#versions.get(id);
    const version = { ...given, fresh: known?.fresh };
    // Created again under the same name: another device.
    if (known && known.object.metadata.uid !== version.object.metadata.uid) this.remove(id);
    this.#move(id, version);
  }

  /** One property that changed. */
  putTwin(id: string, view: TwinView): void {
    const known = this.#versions.get(id);
    const change = known && changeOfTwin(known, view);
    if (change) this.#publish(id, change);
  }

  putState(id: string, state: DeviceVersion['state']): void {
    const known = this.#versions.get(id);
    if (known) this.#move(id, { ...known, state });
  }

  /** [T27] The properties that are fresh now; all others are stale. */
  putFresh(id: string, fresh: ReadonlySet<string>): void {
    const known = this.#versions.get(id);
    if (known) this.#move(id, { ...known, fresh });
  }

  remove(id: string): void {
    this.#move(id, undefined);
  }

  #move(id: string, after: DeviceVersion | undefined): void {
    const change = changeBetween(this.#versions.get(id), after);
    if (change) this.#publish(id, change);
  }

  #publish(id: string, change: DeviceChange): void {
    const { after } = change;
    if (after) this.#versions.set(id, after);
    else this.#versions.delete(id);
    this.#twins.publish(change);
    this.#devicesByTwins.publish(change);
    // Readings come by the thousand: a cursor of the devices would be too old in seconds.
    if (change.isOfDevice) this.#devices.publish(change);
  }
}

function* twinMembers(devices: Iterable<DeviceVersion>, { properties }: TwinRequest): Iterable<TwinMember> {
  for (const device of devices)
    for (const view of device.views)
      if (!properties || properties.includes(view.model.name)) yield { device, view };
}

function twinEventOf(
  event: LiveEvent<TwinMember>,
  sourceOf: LiveDevicesOptions['sourceOf'],
): TwinEventSource {
  if (!('value' in event)) return event;
  const { kind, cursor, value } = event;
  const { namespace, name } = value.device.key;
  const isGone = event.kind === 'LEFT' && event.isGone;
  return {
    kind,
    cursor,
    deviceRef: { namespace, name },
    property: value.view.model.name,
    skipped: 'skipped' in event ? event.skipped : undefined,
    device: value.isDeviceGone ? undefined : value.device.key,
    get twin() {
      return isGone ? undefined : sourceOf(value.device.key, value.view);
    },
  };
}

function deviceEventOf(event: LiveEvent<DeviceVersion>): DeviceEventSource {
  if (!('value' in event)) return event;
  const { kind, cursor, value } = event;
  const { namespace, name } = value.key;
  return { kind, cursor, namespace, name, device: event.kind === 'LEFT' && event.isGone ? undefined : value };
}

const idOf = ({ namespace, name }: DeviceKey): string => deviceId(namespace, name);
