import type { Clock } from '../../lib/clock.ts';
import { deviceId } from '../../twin/device-object.ts';
import type { DeviceSession, Mapper, MapperDevice } from '../contract.ts';
import { Shared } from '../shared.ts';
import { ModbusConnection } from './connection.ts';
import { type Endpoint, parseAddress } from './endpoint.ts';
import { ModbusSession } from './session.ts';
import { parseVisitor } from './visitor.ts';

export interface ModbusMapperOptions {
  clock: Clock;
  /** 0 ≤ random() < 1; spreads reconnects. */
  random: () => number;
}

/** Modbus TCP and RTU. Devices behind one `host:port`, or on one serial bus, share a connection and its queue. */
export function createModbusMapper({ clock, random }: ModbusMapperOptions): Mapper {
  const connections = new Shared(
    (endpoint: Endpoint) => new ModbusConnection({ endpoint, clock, random }),
    (connection) => connection.close(),
  );
  return {
    protocol: 'modbus',
    delivery: 'poll',
    async open({ namespace, name, protocol, properties }: MapperDevice): Promise<DeviceSession> {
      const device = deviceId(namespace, name);
      const { endpoint, unit, timeoutMs } = parseAddress(protocol, device);
      const visitors = properties.flatMap((property) => parseVisitor(property, device) ?? []);
      return new ModbusSession({
        device,
        unit,
        timeoutMs,
        visitors,
        clock,
        ...connections.acquire(endpoint),
      });
    },
    close: () => connections.closeAll(),
  };
}
