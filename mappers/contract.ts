import type { PropertyModel } from '../twin/model.ts';
import type { Quality, TwinValue } from '../twin/value.ts';

/** What a mapper is told of a device. It never sees the store, the bus or the tunnel. */
export interface MapperDevice {
  namespace: string;
  name: string;
  /** `spec.protocol.configData`, the model's defaults filled in. */
  protocol: Record<string, unknown>;
  properties: PropertyModel[];
  methods: DeviceMethod[];
}

/** `spec.methods` of the Device. */
export interface DeviceMethod {
  name: string;
  /** KubeEdge's kind of method: calling it sets these. Empty where the protocol has a call of its own for it. */
  propertyNames: string[];
}

/** KubeEdge's device states, in the words of its DMI. */
export type DeviceState = 'online' | 'offline' | 'unhealthy' | 'disconnected' | 'unknown';

export interface Reading {
  property: string;
  value: TwinValue;
  quality: Quality;
  /** Wall clock, milliseconds: when the device had this value. */
  observedAt: number;
  /** What the device said, where it does not fit the model's type; or why it could not be read. */
  raw?: string;
}

/** What a device tells on its own: events, not polls. Calls after the session's `close` are ignored. */
export interface MapperEvents {
  /** Readings of one message of the device; they are stored together. */
  report(readings: Reading[]): void;
  state(state: DeviceState, reason?: string): void;
}

/**
 * One device, reached. All of its calls end by the signal's deadline or throw. The `code` of what they throw decides:
 * - `DEVICE_UNREACHABLE`: the way to the device is closed. State `disconnected`; worth another try.
 * - `DEVICE_TIMEOUT`, or anything else: no answer. State `offline`; worth another try.
 * - `DEVICE_REFUSED`: the device answered no, or never could have taken the value. Trying again is pointless.
 */
export interface DeviceSession {
  /**
   * Reads the named properties now. A property that fails alone comes as null with quality BAD and the reason in `raw`;
   * one that the device has no visitor for does not come; a device that does not answer throws.
   */
  collect(properties: string[], signal: AbortSignal): Promise<Reading[]>;
  /** Writes, reads back, and returns the value as the device represents it. */
  apply(property: string, value: TwinValue, signal: AbortSignal): Promise<TwinValue>;
  /** Methods that `invoke` answers to. All others the host takes for writes of their `propertyNames`, with `apply`. */
  readonly methods?: ReadonlySet<string>;
  /**
   * Calls the device, and resolves to its result; null where it has none. Never tried again: `DEVICE_UNREACHABLE` promises
   * that the device did not get the call; where that is not known, it is `DEVICE_TIMEOUT`.
   */
  invoke?(method: string, args: Record<string, TwinValue>, signal: AbortSignal): Promise<TwinValue>;
  /** Lists what lies under a node of the device's own address space; without `node`, under its root. For building a model. */
  browse?(node: string | undefined, signal: AbortSignal): Promise<BrowsedNode[]>;
  close(): Promise<void>;
}

/** One entry of a device's own address space, as far as a model wants to know it. */
export interface BrowsedNode {
  /** What a visitor names it by. */
  id: string;
  name: string;
  kind: 'object' | 'variable' | 'method' | 'other';
  /** Of a variable: the protocol's own name of its data type. */
  dataType?: string;
  /** Of a variable. */
  writable?: boolean;
}

/** One field protocol. `mappers/simulated/` is the template; every mapper has the same files. */
export interface Mapper {
  /** Lower case, as in `spec.protocol.protocolName`: `modbus`, `mqtt`. */
  readonly protocol: string;
  /**
   * `poll`: the host calls `collect` once per cycle, and what it answers decides the device's state.
   * `event`: properties come through `MapperEvents`, and so does the state; `collect` answers a reader with the last known.
   */
  readonly delivery: 'poll' | 'event';
  /**
   * Checks the configuration and prepares the session; connecting may happen later, at the first `collect`.
   * @throws OctographError `MAPPER_CONFIG` naming device, property, field and expectation.
   */
  open(device: MapperDevice, events: MapperEvents): Promise<DeviceSession>;
  close(): Promise<void>;
}
