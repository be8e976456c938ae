import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { Mapper } from '../mappers/contract.ts';
import { type HostDevice, type HostSink, type MapperHost, startMapperHost } from '../mappers/host.ts';
import { type DeviceObject, deviceId } from '../twin/device-object.ts';
import { propertiesOf, protocolOf } from '../twin/model.ts';
import { sameReported } from '../twin/twin.ts';
import type { MetadataCache } from './metadata-cache.ts';
import type { TwinRegistry } from './twin-registry.ts';

export interface DeviceLinkOptions {
  registry: TwinRegistry;
  metadata: MetadataCache;
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

/** The devices that this node runs now, as the host wants them. */
export function hostDevices(metadata: MetadataCache): HostDevice[] {
  return Array.from(metadata.devices(), (object) => hostDevice(object, metadata));
}

function hostDevice(object: DeviceObject, metadata: MetadataCache): HostDevice {
  const model = metadata.modelOf(object);
  const { protocolName, config } = protocolOf(object, model);
  return {
    namespace: object.metadata.namespace ?? 'default',
    name: object.metadata.name,
    uid: object.metadata.uid ?? '',
    protocolName,
    protocol: config,
    properties: propertiesOf(object, model),
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
  const idOf = ({ namespace, name }: HostDevice) => deviceId(namespace, name);
  return {
    report(device, readings) {
      const id = idOf(device);
      for (const { property, ...reported } of readings) {
        // The same value again is no change: freshness has its own way, `collected`.
        if (sameReported(registry.get(id, property)?.reported, reported)) continue;
        if (!registry.report(id, property, reported)) {
          logger.warn({ device: id, property }, 'reading of a property that the model lacks');
        }
      }
    },
    collected(device, properties, at) {
      registry.collected(idOf(device), properties, at);
      onState(idOf(device), false);
    },
    state(device, state, reason) {
      const id = idOf(device);
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
