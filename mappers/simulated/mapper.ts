import type { Clock } from '../../lib/clock.ts';
import { deviceId } from '../../twin/device-object.ts';
import { ConfigReader } from '../config-reader.ts';
import type { DeviceSession, Mapper, MapperDevice } from '../contract.ts';
import { parseMethods } from './method.ts';
import { SimulatedSession } from './session.ts';
import { parseVisitor } from './visitor.ts';

export interface SimulatedMapperOptions {
  clock: Clock;
  /** 0 ≤ random() < 1; moves what walks. */
  random: () => number;
}

/**
 * Devices that exist in this process only: the template for a mapper.
 * `visitor.ts` reads what a property's configData says, `method.ts` what a method's does, `session.ts` is one device, `device.ts` stands where a real mapper
 * has its connection.
 */
export function createSimulatedMapper({ clock, random }: SimulatedMapperOptions): Mapper {
  return {
    protocol: 'simulated',
    delivery: 'poll',
    async open({ namespace, name, protocol, properties }: MapperDevice): Promise<DeviceSession> {
      const device = deviceId(namespace, name);
      const visitors = properties.map((property) => parseVisitor(property, device));
      const methods = parseMethods(new ConfigReader(protocol, device).sections('methods'), device);
      return new SimulatedSession({ device, visitors, methods, clock, random });
    },
    async close() {},
  };
}
