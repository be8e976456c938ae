import { isDeepStrictEqual } from 'node:util';
import { type Clock, toIso } from '../lib/clock.ts';
import { codeOf, OctographError } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import { type DeviceId, deviceId } from '../twin/device-object.ts';
import type { TwinValue } from '../twin/value.ts';
import type { BrowsedNode, DeviceState, Mapper, MapperDevice, Reading } from './contract.ts';
import { DeviceRunner } from './device-runner.ts';
import { OnceGuard } from './once-guard.ts';

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
  /** Runs the devices whose protocol none of the mappers speaks; without it they are unhealthy. */
  fallback?: Mapper;
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
  /** Of these, what is new starts and what changed starts anew; `gone` ends. The others notice nothing. */
  setDevices(devices: readonly HostDevice[], gone?: readonly DeviceId[]): void;
  /**
   * Resolves to the value that the device now represents. It was reported to the sink before.
   * Null where the device answers with something outside the property's type.
   */
  apply(id: DeviceId, property: string, value: TwinValue, deadlineMs: number): Promise<TwinValue>;
  /** Reads the device now; what changed is reported to the sink too. */
  read(id: DeviceId, properties: string[], deadlineMs: number): Promise<Reading[]>;
  /**
   * Calls a method of the device and resolves to its result; null where it has none. It is never tried again here: after
   * `DEVICE_TIMEOUT` nobody knows whether the device did it.
   * @throws `METHOD_EXPIRED`, `IDEMPOTENCY_CONFLICT`, `DEVICE_BUSY`, and those of all commands
   */
  invoke(id: DeviceId, call: MethodCall, deadlineMs: number): Promise<TwinValue>;
  /** Lists what lies under a node of the device's own address space. @throws `DEVICE_REFUSED` where its protocol has none */
  browse(id: DeviceId, node: string | undefined, deadlineMs: number): Promise<BrowsedNode[]>;
  close(): Promise<void>;
}

/** One call of a device's method. */
export interface MethodCall {
  method: string;
  args: Record<string, TwinValue>;
  /**
   * Calls of a device with the same key are one: the device is asked once, and every one gets its answer. The last 1000
   * answers are remembered, until the process ends. A call that never got to the device is not.
   */
  key?: string;
  /** Wall clock, milliseconds: it is refused from then on, and given up then. */
  expiresAt?: number;
}

interface Running {
  device: HostDevice;
  /** Undefined where no mapper speaks the device's protocol. */
  runner: DeviceRunner | undefined;
}

export function startMapperHost({
  mappers,
  fallback,
  sink,
  clock,
  random,
  logger,
}: MapperHostOptions): MapperHost {
  // The later one counts: a package may replace a mapper of ours.
  const byProtocol = new Map(mappers.map((mapper) => [mapper.protocol, mapper]));
  const running = new Map<DeviceId, Running>();
  const closings = new Set<Promise<void>>();
  const once = new OnceGuard<TwinValue>({ isHarmless: (error) => NOT_SENT.has(codeOf(error) ?? '') });

  const stop = (id: DeviceId) => {
    const closing = running.get(id)?.runner?.close();
    running.delete(id);
    if (!closing) return;
    closings.add(closing);
    void closing.finally(() => closings.delete(closing));
  };

  const start = (device: HostDevice): DeviceRunner | undefined => {
    const mapper = byProtocol.get(device.protocolName) ?? fallback;
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
    setDevices(devices, gone = []) {
      for (const id of gone) stop(id);
      for (const device of devices) {
        const id = deviceId(device.namespace, device.name);
        if (isDeepStrictEqual(running.get(id)?.device, device)) continue;
        stop(id);
        running.set(id, { device, runner: start(device) });
      }
    },
    async apply(id, property, value, deadlineMs) {
      const before = runnerOf(id);
      // A Device object brings desired values and the way to the device in one turn: the write goes the new way.
      await Promise.resolve();
      const runner = running.get(id)?.runner ?? before;
      return runner.apply(property, value, deadlineMs);
    },
    async read(id, properties, deadlineMs) {
      return runnerOf(id).read(properties, deadlineMs);
    },
    async invoke(id, { method, args, key, expiresAt }, deadlineMs) {
      const runner = runnerOf(id);
      const invoke = async () => {
        const leftMs = (expiresAt ?? Number.POSITIVE_INFINITY) - clock.now();
        if (leftMs <= 0) throw expired(id, method, expiresAt as number);
        return runner.invoke(method, args, Math.min(deadlineMs, leftMs));
      };
      if (key === undefined) return invoke();
      return once.run(`${id} ${key}`, `${method}(${JSON.stringify(args)}) of ${id}`, invoke);
    },
    async browse(id, node, deadlineMs) {
      return runnerOf(id).browse(node, deadlineMs);
    },
    async close() {
      for (const id of [...running.keys()]) stop(id);
      await Promise.all(closings);
      await Promise.all([...mappers, ...(fallback ? [fallback] : [])].map((mapper) => mapper.close()));
    },
  };
}

/** Failures of a method that the device never heard of. */
const NOT_SENT = new Set(['DEVICE_UNREACHABLE', 'METHOD_EXPIRED']);

const expired = (id: DeviceId, method: string, at: number) =>
  new OctographError('METHOD_EXPIRED', `${method} of ${id} was to be called before ${toIso(at)}: it was not`);

const noMapper = (device: HostDevice) => `no mapper for protocol "${device.protocolName}"`;
