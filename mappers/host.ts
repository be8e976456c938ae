import type { Clock } from '../lib/clock.ts';
import { OctographError } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import { type DeviceId, deviceId } from '../twin/device-object.ts';
import type { TwinValue } from '../twin/value.ts';
import type { DeviceState, Mapper, MapperDevice, Reading } from './contract.ts';
import { DeviceRunner } from './device-runner.ts';

/** A device of this node, with all that the host needs to run it. */
export interface HostDevice extends MapperDevice {
  uid: string;
  /** Lower case; which mapper. */
  protocolName: string;
}

/** Where what devices say goes. Declared here, implemented by the edge node. Its calls are synchronous and cheap. */
export interface HostSink {
  /** What changed since the last report: all of one collection, or of one message of the device. */
  report(device: HostDevice, readings: Reading[]): void;
  /** The properties that were read, changed or not: freshness counts from here. `at` is wall clock, milliseconds. */
  collected(device: HostDevice, properties: string[], at: number): void;
  /** Comes when the state or its reason changes. */
  state(device: HostDevice, state: DeviceState, reason?: string): void;
}

export interface MapperHostOptions {
  mappers: Mapper[];
  sink: HostSink;
  clock: Clock;
  /** 0 ≤ random() < 1; spreads first collections and retries. */
  random: () => number;
  logger: Logger;
}

/**
 * Runs the devices of a node. All commands throw OctographError: `DEVICE_UNKNOWN`, `PROPERTY_UNKNOWN`, `MAPPER_CONFIG`
 * (the device is unhealthy), or the mapper's `DEVICE_UNREACHABLE`, `DEVICE_TIMEOUT`, `DEVICE_REFUSED`.
 */
export interface MapperHost {
  /** The complete set: what is new starts, what changed starts anew, what is missing ends; the others notice nothing. */
  setDevices(devices: HostDevice[]): void;
  /**
   * Resolves to the value that the device now represents. It was reported to the sink before.
   * Null where the device answers with something outside the property's type.
   */
  apply(id: DeviceId, property: string, value: TwinValue, deadlineMs: number): Promise<TwinValue>;
  /** Reads the device now; what changed is reported to the sink too. */
  read(id: DeviceId, properties: string[], deadlineMs: number): Promise<Reading[]>;
  invoke(
    id: DeviceId,
    method: string,
    args: Record<string, TwinValue>,
    deadlineMs: number,
  ): Promise<TwinValue>;
  close(): Promise<void>;
}

interface Running {
  /** Changes with anything that a mapper sees. */
  fingerprint: string;
  /** Undefined where no mapper speaks the device's protocol. */
  runner: DeviceRunner | undefined;
}

export function startMapperHost({ mappers, sink, clock, random, logger }: MapperHostOptions): MapperHost {
  const byProtocol = new Map(mappers.map((mapper) => [mapper.protocol, mapper]));
  const running = new Map<DeviceId, Running>();
  const closings = new Set<Promise<void>>();

  const stop = (id: DeviceId) => {
    const closing = running.get(id)?.runner?.close();
    running.delete(id);
    if (!closing) return;
    closings.add(closing);
    void closing.finally(() => closings.delete(closing));
  };

  const start = (device: HostDevice): DeviceRunner | undefined => {
    const mapper = byProtocol.get(device.protocolName);
    if (mapper) return new DeviceRunner({ device, mapper, sink, clock, random, logger });
    sink.state(device, 'unhealthy', noMapper(device));
    return undefined;
  };

  const runnerOf = (id: DeviceId): DeviceRunner => {
    const found = running.get(id);
    if (!found) throw new OctographError('DEVICE_UNKNOWN', `this node runs no device ${id}`);
    if (!found.runner) throw new OctographError('MAPPER_CONFIG', `${id}: no mapper for its protocol`);
    return found.runner;
  };

  return {
    setDevices(devices) {
      const wanted = new Map(devices.map((device) => [deviceId(device.namespace, device.name), device]));
      for (const id of running.keys()) if (!wanted.has(id)) stop(id);
      for (const [id, device] of wanted) {
        const fingerprint = fingerprintOf(device);
        if (running.get(id)?.fingerprint === fingerprint) continue;
        stop(id);
        running.set(id, { fingerprint, runner: start(device) });
      }
    },
    async apply(id, property, value, deadlineMs) {
      return runnerOf(id).apply(property, value, deadlineMs);
    },
    async read(id, properties, deadlineMs) {
      return runnerOf(id).read(properties, deadlineMs);
    },
    async invoke(id, method, args, deadlineMs) {
      return runnerOf(id).invoke(method, args, deadlineMs);
    },
    async close() {
      for (const id of [...running.keys()]) stop(id);
      await Promise.all(closings);
      await Promise.all(mappers.map((mapper) => mapper.close()));
    },
  };
}

const noMapper = (device: HostDevice) => `no mapper for protocol "${device.protocolName}"`;

/** Equal for equal configurations, whatever the order of their keys. */
function fingerprintOf({ uid, protocolName, protocol, properties, methods }: HostDevice): string {
  return JSON.stringify([uid, protocolName, protocol, properties, methods], (_key, value: unknown) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}
