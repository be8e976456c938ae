import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TwinRegistry } from '../../edge-node/twin-registry.ts';
import { systemClock } from '../../lib/clock.ts';
import { silentLogger } from '../../lib/logger.ts';
import type { Mapper } from '../../mappers/contract.ts';
import { type HostDevice, startMapperHost } from '../../mappers/host.ts';
import { openSqliteStore } from '../../store/sqlite-store.ts';
import type { DeviceModelObject, DeviceObject } from '../../twin/device-object.ts';
import type { PropertyModel } from '../../twin/model.ts';

/**
 * A mapper host over a real registry and a real store, counting what goes through.
 * @param stores false: readings end in a count, which leaves the cost of mapper and host
 */
export function startBenchNode(mappers: Mapper[], stores = true) {
  const folder = mkdtempSync(join(tmpdir(), 'octograph-bench-'));
  const clock = systemClock;
  const store = openSqliteStore({ path: join(folder, 'edge.db'), clock, logger: silentLogger });
  const registry = new TwinRegistry(store, clock);
  const counts = { collected: 0, stored: 0 };
  // Nobody takes the outbox away here: acknowledged as a cloud would.
  const unlisten = store.onCommit((updates) => {
    counts.stored += updates.length;
    store.acknowledge('bench', updates.at(-1)?.seq ?? 0);
  });
  const states = new Map<string, string>();
  const host = startMapperHost({
    mappers,
    sink: {
      report(device, readings) {
        if (!stores) {
          counts.stored += readings.length;
          return;
        }
        for (const { property, ...reported } of readings)
          registry.report(`default/${device.name}`, property, reported);
      },
      collected(device, properties, at) {
        counts.collected += properties.length;
        if (stores) registry.collected(`default/${device.name}`, properties, at);
      },
      state: (device, state, reason) => void states.set(device.name, reason ?? state),
    },
    clock,
    random: Math.random,
    logger: silentLogger,
  });
  return {
    store,
    counts,
    states,
    run(devices: HostDevice[]) {
      for (const device of devices) registry.setDevice(deviceObject(device), modelObject(device));
      host.setDevices(devices);
    },
    async close() {
      await host.close();
      unlisten();
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function benchDevice(name: string, fields: Partial<HostDevice>): HostDevice {
  return {
    namespace: 'default',
    name,
    uid: name,
    protocolName: 'modbus',
    protocol: {},
    properties: [],
    methods: [],
    ...fields,
  };
}

export function benchProperty(
  name: string,
  cycleMs: number,
  visitor: Record<string, unknown>,
): PropertyModel {
  return {
    name,
    type: 'DOUBLE',
    accessMode: 'READ_ONLY',
    collectCycleMs: cycleMs,
    reportCycleMs: cycleMs,
    localOnly: false,
    visitor,
  };
}

const deviceObject = ({ name, uid }: HostDevice): DeviceObject => ({
  apiVersion: 'devices.kubeedge.io/v1beta1',
  kind: 'Device',
  metadata: { name, namespace: 'default', uid },
  spec: { deviceModelRef: { name } },
});

const modelObject = ({ name, properties }: HostDevice): DeviceModelObject => ({
  apiVersion: 'devices.kubeedge.io/v1beta1',
  kind: 'DeviceModel',
  metadata: { name, namespace: 'default' },
  spec: { properties: properties.map((property) => ({ name: property.name, type: 'DOUBLE' })) },
});
