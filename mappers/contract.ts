import type { PropertyModel } from '../twin/model.ts';
import type { Quality, TwinValue } from '../twin/value.ts';

/** What a mapper is told of a device. It never sees the store, the bus or the tunnel. */
export interface MapperDevice {
  namespace: string;
  name: string;
  /** `spec.protocol.configData`, the model's defaults filled in. */
  protocol: Record<string, unknown>;
  properties: PropertyModel[];
}

/** KubeEdge's device states, in the words of its DMI. */
export type DeviceState = 'online' | 'offline' | 'unhealthy' | 'disconnected' | 'unknown';

export interface Reading {
  property: string;
  value: TwinValue;
  quality: Quality;
  /** Wall clock, milliseconds: when the device had this value. */
  observedAt: number;
  /** What the device said, where it does not fit the model's type. */
  raw?: string;
}

/** What a device tells on its own: events, not polls. */
export interface MapperEvents {
  report(reading: Reading): void;
  state(state: DeviceState, reason?: string): void;
}

/** One device, reached. All of its calls end by the signal's deadline or throw. */
export interface DeviceSession {
  /**
   * Reads the named properties now. A property that fails alone comes as quality BAD with the reason in `raw`;
   * a device that does not answer throws.
   */
  collect(properties: string[], signal: AbortSignal): Promise<Reading[]>;
  /** Writes, reads back, and returns the value as the device represents it. Throws if the device refuses it. */
  apply(property: string, value: TwinValue, signal: AbortSignal): Promise<TwinValue>;
  invoke?(method: string, args: Record<string, TwinValue>, signal: AbortSignal): Promise<TwinValue>;
  close(): Promise<void>;
}

/** One field protocol. `mappers/simulated/` is the template; every mapper has the same files. */
export interface Mapper {
  /** Lower case, as in `spec.protocol.protocolName`: `modbus`, `mqtt`. */
  readonly protocol: string;
  /** Properties that come by event are not polled: `collect` is then never called for them. */
  readonly delivery: 'poll' | 'event';
  /**
   * Checks the configuration and prepares the session; connecting may happen later, at the first `collect`.
   * @throws OctographError `MAPPER_CONFIG` naming device, property, field and expectation.
   */
  open(device: MapperDevice, events: MapperEvents): Promise<DeviceSession>;
  close(): Promise<void>;
}
