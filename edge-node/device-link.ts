import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { Mapper } from '../mappers/contract.ts';
import { type HostDevice, type HostSink, type MapperHost, startMapperHost } from '../mappers/host.ts';
import { type DeviceModelObject, type DeviceObject, deviceId, idOf } from '../twin/device-object.ts';
import { protocolOf } from '../twin/model.ts';
import { sameReported } from '../twin/twin.ts';
import type { TwinRegistry } from './twin-registry.ts';

export interface DeviceLinkOptions {
  registry: TwinRegistry;
  mappers: Mapper[];
  /** For devices whose protocol none of the mappers speaks. */
  fallback?: Mapper;
  /** A device's state or age changed; `urgent` when its state did. */
  onState(device: string, urgent: boolean): void;
  /** A device answers again. */
  onOnline(device: string): void;
  clock: Clock;
  random: () => number;
  logger: Logger;
}

/** Joins the mapper host with the registry: devices in, readings and states out. */
export function startDeviceLink(options: DeviceLinkOptions): MapperHost {
  const { mappers, fallback, clock, random, logger } = options;
  return startMapperHost({ mappers, fallback, sink: createSink(options), clock, random, logger });
}

/** A device that the registry knows, as the host wants it. */
export function hostDevice(
  object: DeviceObject,
  model: DeviceModelObject | undefined,
  registry: TwinRegistry,
): HostDevice {
  const { protocolName, config } = protocolOf(object, model);
  return {
    namespace: object.metadata.namespace ?? 'default',
    name: object.metadata.name,
    uid: object.metadata.uid ?? '',
    protocolName,
    protocol: config,
    properties: [...(registry.device(idOf(object))?.properties.values() ?? [])],
    methods: (object.spec.methods ?? []).map(({ name, propertyNames = [] }) => ({ name, propertyNames })),
  };
}

function createSink({
  registry,
  mappers,
  fallback,
  onState,
  onOnline,
  clock,
  logger,
}: DeviceLinkOptions): HostSink {
  const deliveries = new Map(mappers.map(({ protocol, delivery }) => [protocol, delivery]));
  const isByEvent = ({ protocolName }: HostDevice) =>
    (deliveries.get(protocolName) ?? fallback?.delivery) === 'event';
  return {
    report(device, readings) {
      const id = hostId(device);
      for (const { property, ...reported } of readings) {
        // The same value again is no change: freshness has its own way, `collected`.
        if (sameReported(registry.get(id, property)?.reported, reported)) continue;
        if (!registry.report(id, property, reported)) {
          logger.warn({ device: id, property }, 'reading of a property that the model lacks');
        }
      }
    },
    collected(device, properties, at) {
      registry.collected(hostId(device), properties, at);
      onState(hostId(device), false);
    },
    state(device, state, reason) {
      const id = hostId(device);
      const before = registry.state(id);
      registry.setState({
        device: id,
        uid: device.uid,
        state,
        reason,
        aliveAt: before?.aliveAt,
        lastOnlineAt: state === 'online' ? clock.now() : before?.lastOnlineAt,
        byEvent: isByEvent(device),
      });
      onState(id, true);
      if (state === 'online') onOnline(id);
    },
  };
}

const hostId = ({ namespace, name }: HostDevice): string => deviceId(namespace, name);
