import type { BusState } from '../bus/event-bus.ts';
import type { Close } from '../lib/disposables.ts';
import type { DeviceSession, Mapper, MapperDevice, MapperEvents } from '../mappers/contract.ts';
import { deviceId } from '../twin/device-object.ts';
import type { TwinValue } from '../twin/value.ts';
import type { TwinRegistry } from './twin-registry.ts';

export interface BusMapperOptions {
  registry: TwinRegistry;
  /** Tells the device's program what is wanted. */
  tell(device: string, property: string): void;
}

/** The mapper of devices that need none: their own programs speak KubeEdge's topics on the bus. */
export interface BusMapper extends Mapper {
  setState(device: string, state: BusState): void;
}

export function createBusMapper({ registry, tell }: BusMapperOptions): BusMapper {
  const sessions = new Map<string, MapperEvents>();
  return {
    protocol: 'bus',
    delivery: 'event',
    setState: (device, state) => sessions.get(device)?.state(state),
    async open({ namespace, name }: MapperDevice, events: MapperEvents): Promise<DeviceSession> {
      const device = deviceId(namespace, name);
      sessions.set(device, events);
      events.state('unknown', 'its program has not said how it is');
      return {
        // What the program said last is in the twin already: there is nothing to ask it for.
        collect: async () => [],
        apply: (property, value, signal) => {
          const told = obeyed(registry, device, property, value, signal);
          tell(device, property);
          return told;
        },
        async close() {
          if (sessions.get(device) === events) sessions.delete(device);
        },
      };
    },
    async close() {},
  };
}

/** Resolves when the device reports the value. */
function obeyed(
  registry: TwinRegistry,
  device: string,
  property: string,
  value: TwinValue,
  signal: AbortSignal,
): Promise<TwinValue> {
  return new Promise((resolve, reject) => {
    let stop: Close = () => {};
    const check = () => {
      const reported = registry.get(device, property)?.reported;
      if (reported?.quality !== 'GOOD' || reported.value !== value) return;
      stop();
      resolve(value);
    };
    stop = registry.onChange((twin) => {
      if (twin.device === device && twin.property === property) check();
    });
    signal.addEventListener(
      'abort',
      () => {
        stop();
        reject(signal.reason);
      },
      { once: true },
    );
    check();
  });
}
