import { type Clock, every } from '../../lib/clock.ts';
import type { Listener } from '../../lib/listen.ts';
import { type ModbusServer, startModbusServer } from './modbus-server.ts';
import type { SimulatedUnit } from './modbus-unit.ts';
import { createPowerMeter } from './power-meter.ts';
import { createThermostat } from './thermostat.ts';

export interface ModbusPlantOptions extends Listener {
  /** Thermostats, on unit ids 1 to `thermostats`; at most 9. */
  thermostats: number;
  clock: Clock;
  /** 0 ≤ random() < 1; seeded, it makes the same plant twice. */
  random: () => number;
  stepMs?: number;
}

export const POWER_METER_UNIT = 10;

/** A Modbus TCP server with thermostats and a power meter behind it, all of them alive. */
export async function startModbusPlant({
  host,
  port,
  thermostats,
  clock,
  random,
  stepMs = 200,
}: ModbusPlantOptions): Promise<ModbusServer> {
  const units = new Map<number, SimulatedUnit>();
  for (let unit = 1; unit <= thermostats; unit++) {
    units.set(unit, createThermostat({ random, temperature: 16 + random() * 6, setPoint: 20 + (unit % 4) }));
  }
  units.set(POWER_METER_UNIT, createPowerMeter({ random }));
  const server = await startModbusServer({ host, port, units, what: 'the simulated Modbus plant' });
  const stop = every(clock, stepMs, () => {
    for (const unit of units.values()) unit.step(stepMs);
  });
  return {
    port: server.port,
    close() {
      stop();
      return server.close();
    },
  };
}
