import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import type { MqttBroker } from '../../lib/mqtt-broker.ts';
import { deviceId } from '../../twin/device-object.ts';
import { ConfigReader } from '../config-reader.ts';
import type { DeviceSession, Mapper, MapperDevice, MapperEvents } from '../contract.ts';
import { Shared } from '../shared.ts';
import { MqttConnection } from './connection.ts';
import { parseAddress } from './device-address.ts';
import { parseMethods } from './method.ts';
import { MqttSession } from './session.ts';
import { parseVisitor } from './visitor.ts';

export interface MqttMapperOptions {
  /** The node's own broker, for devices that name no other. */
  broker: MqttBroker;
  clock: Clock;
  logger: Logger;
}

/** Devices that tell and obey over MQTT. Devices on one broker share a client. */
export function createMqttMapper({ broker: own, clock, logger }: MqttMapperOptions): Mapper {
  const connections = new Shared(
    (broker: MqttBroker) => new MqttConnection(broker, logger),
    (connection) => connection.close(),
  );
  return {
    protocol: 'mqtt',
    delivery: 'event',
    async open(
      { namespace, name, protocol, properties }: MapperDevice,
      events: MapperEvents,
    ): Promise<DeviceSession> {
      const device = deviceId(namespace, name);
      const { broker, presence } = parseAddress(protocol, device, own);
      const visitors = properties.flatMap((property) => parseVisitor(property, device) ?? []);
      const methods = parseMethods(new ConfigReader(protocol, device).sections('methods'), device);
      return new MqttSession({
        device,
        presence,
        visitors,
        methods,
        events,
        clock,
        ...connections.acquire(broker),
      });
    },
    close: () => connections.closeAll(),
  };
}
