import { afterEach, describe, expect, it } from 'vitest';
import { startModbusPlant } from '../../../cli/simulate/modbus-plant.ts';
import { systemClock } from '../../../lib/clock.ts';
import { Disposables } from '../../../lib/disposables.ts';
import { silentLogger } from '../../../lib/logger.ts';
import { type HostDevice, startMapperHost } from '../../../mappers/host.ts';
import { createModbusMapper } from '../../../mappers/modbus/mapper.ts';
import { waitFor } from '../../harness/wait.ts';
import { device, property } from '../models.ts';
import { RecordingSink } from '../recording-sink.ts';

const disposables = new Disposables();
afterEach(() => disposables.close());

const startPlant = async (port = 0) =>
  disposables.use(
    await startModbusPlant({
      host: '127.0.0.1',
      port,
      thermostats: 9,
      clock: systemClock,
      random: Math.random,
      stepMs: 20,
    }),
  );

function startHost() {
  const sink = new RecordingSink();
  const clock = systemClock;
  const random = Math.random;
  const mappers = [createModbusMapper({ clock, random })];
  const host = disposables.use(startMapperHost({ mappers, sink, clock, random, logger: silentLogger }));
  return { host, sink };
}

function thermostat(port: number, unit: number): HostDevice {
  const tenths = { dataType: 'int16', scale: 0.1 };
  return device(`thermostat-${unit}`, {
    protocol: { communicateMode: 'TCP', ip: '127.0.0.1', port, slaveID: unit },
    properties: [
      property('setPoint', {
        collectCycleMs: 50,
        minimum: 5,
        maximum: 35,
        visitor: { register: 'HoldingRegister', offset: 0, ...tenths },
      }),
      property('temperature', {
        collectCycleMs: 50,
        accessMode: 'READ_ONLY',
        visitor: { register: 'InputRegister', offset: 0, ...tenths },
      }),
    ],
  });
}

describe('the host with the modbus mapper', () => {
  it('runs nine thermostats over one connection: they live, and obey', async () => {
    const { port } = await startPlant();
    const { host, sink } = startHost();
    const units = Array.from({ length: 9 }, (_, index) => index + 1);
    host.setDevices(units.map((unit) => thermostat(port, unit)));
    for (const unit of units) {
      await waitFor('life', () => new Set(sink.values(`thermostat-${unit}`, 'temperature')).size > 5);
    }
    expect(await host.apply('default/thermostat-3', 'setPoint', 30, 2_000)).toBe(30);
    const name = 'thermostat-3';
    await waitFor('the room to follow', () => Number(sink.values(name, 'temperature').at(-1)) > 24);
    expect(sink.values(name, 'setPoint').at(-1)).toBe(30);
    await expect(host.apply('default/thermostat-3', 'setPoint', 300, 2_000)).rejects.toMatchObject({
      code: 'DEVICE_REFUSED',
    });
  });

  it('calls a method as the writes of registers that it stands for', async () => {
    const { port } = await startPlant();
    const { host, sink } = startHost();
    host.setDevices([{ ...thermostat(port, 1), methods: [{ name: 'warmUp', propertyNames: ['setPoint'] }] }]);
    const call = { method: 'warmUp', args: { setPoint: 22.34 } };
    expect(await host.invoke('default/thermostat-1', call, 2_000)).toBe(22.3);
    expect(sink.last('thermostat-1', 'setPoint')?.value).toBe(22.3);
  });

  it('finds a plant again that restarts, and its other devices notice nothing', async () => {
    const plant = await startPlant();
    const other = await startPlant();
    const { host, sink } = startHost();
    host.setDevices([thermostat(plant.port, 1), thermostat(other.port, 2)]);
    await waitFor(
      'both online',
      () => sink.stateOf('thermostat-1') === 'online' && sink.stateOf('thermostat-2'),
    );
    await plant.close();
    await waitFor('the loss', () => sink.stateOf('thermostat-1') === 'disconnected');
    await startPlant(plant.port);
    await waitFor('the return', () => sink.stateOf('thermostat-1') === 'online');
    expect(sink.states.filter((change) => change.device === 'thermostat-2')).toHaveLength(1);
  });

  it('tells apart a unit that is not on the bus from those that are', async () => {
    const { port } = await startPlant();
    const { host, sink } = startHost();
    const absent = thermostat(port, 77);
    host.setDevices([thermostat(port, 1), { ...absent, protocol: { ...absent.protocol, timeoutMs: 100 } }]);
    await waitFor('one online', () => sink.stateOf('thermostat-1') === 'online');
    await waitFor('the other offline', () => sink.stateOf('thermostat-77') === 'offline');
    expect(sink.reasonOf('thermostat-77')).toContain('no answer');
    const before = sink.collections.length;
    await waitFor('the bus to go on', () => sink.collections.length > before + 20);
    expect(sink.stateOf('thermostat-1')).toBe('online');
  });
});
