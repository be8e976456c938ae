import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { type ModbusPlantOptions, startModbusPlant } from '../../cli/simulate/modbus-plant.ts';
import { createPowerMeter } from '../../cli/simulate/power-meter.ts';
import { createThermostat } from '../../cli/simulate/thermostat.ts';
import { systemClock } from '../../lib/clock.ts';
import { Disposables } from '../../lib/disposables.ts';

const run = promisify(execFile);
const disposables = new Disposables();
afterEach(() => disposables.close());

const startPlant = async (options: Partial<ModbusPlantOptions> = {}) =>
  disposables.use(
    await startModbusPlant({
      host: '127.0.0.1',
      port: 0,
      thermostats: 2,
      clock: systemClock,
      random: () => 0.5,
      ...options,
    }),
  );

const mbpollIsThere = await run('mbpoll', ['-V']).then(
  () => true,
  () => false,
);

describe.skipIf(!mbpollIsThere)('the plant, asked with mbpoll (needs mbpoll)', () => {
  /** The numbers after the addresses that mbpoll prints, or what it complains of. */
  async function mbpoll(port: number, unit: number, table: string, address: number, ...rest: string[]) {
    const [first = '', ...others] = rest;
    const options = first.startsWith('-') ? rest : [];
    const values = first.startsWith('-') ? [] : [first, ...others].filter(Boolean);
    try {
      const { stdout } = await run('mbpoll', [
        ...['-m', 'tcp', '-0', '-1', '-o', '1', '-p', String(port), '-a', String(unit)],
        ...['-t', table, '-r', String(address), ...options, '127.0.0.1', ...values],
      ]);
      return [...stdout.matchAll(/^\[\d+\]:\s+(\S+)/gm)].map((match) => Number(match[1]));
    } catch (error) {
      return String((error as { stderr: string }).stderr).trim();
    }
  }

  it('shows its thermostats and takes their set points', async () => {
    const { port } = await startPlant();
    expect(await mbpoll(port, 1, '4', 0, '-c', '2')).toEqual([210, 0]);
    expect(await mbpoll(port, 2, '4', 0)).toEqual([220]);
    await mbpoll(port, 1, '4', 0, '235', '2');
    expect(await mbpoll(port, 1, '4', 0, '-c', '2')).toEqual([235, 2]);
    expect(await mbpoll(port, 1, '3', 0)).toEqual([190]);
  });

  it('shows and takes bits', async () => {
    const { port } = await startPlant();
    expect(await mbpoll(port, 1, '1', 0)).toEqual([1]);
    await mbpoll(port, 1, '0', 0, '0');
    expect(await mbpoll(port, 1, '0', 0)).toEqual([0]);
    expect(await mbpoll(port, 1, '1', 0)).toEqual([0]);
  });

  it('shows a power meter with both word orders', async () => {
    const { port } = await startPlant();
    expect(await mbpoll(port, 10, '3:float', 0, '-B', '-c', '2')).toEqual([230, 4]);
    expect(await mbpoll(port, 10, '3:float', 4, '-c', '1')).toEqual([920]);
  });

  it('answers with exceptions where there is nothing, and where a value is out of range', async () => {
    const { port } = await startPlant();
    expect(await mbpoll(port, 1, '4', 2)).toContain('Illegal data address');
    expect(await mbpoll(port, 1, '4', 0, '351')).toContain('Illegal data value');
    expect(await mbpoll(port, 1, '4', 0)).toEqual([210]);
  });

  it('leaves units that it does not have unanswered', async () => {
    const { port } = await startPlant();
    expect(await mbpoll(port, 99, '4', 0)).toContain('timed out');
  });
});

describe('a simulated thermostat', () => {
  it('follows its set point, and its sensor is noisy', () => {
    let seed = 0;
    const thermostat = createThermostat({ random: () => (++seed * 0.618) % 1, temperature: 15 });
    thermostat.write('holding', 0, 250);
    const shown = new Set<number | undefined>();
    for (let n = 0; n < 300; n++) {
      thermostat.step(200);
      shown.add(thermostat.read('input', 0));
    }
    expect(shown.size).toBeGreaterThan(20);
    expect(Math.abs((thermostat.read('input', 0) ?? 0) - 250)).toBeLessThan(10);
  });

  it('cools down when its heater is off', () => {
    const thermostat = createThermostat({ random: () => 0.5, temperature: 20 });
    thermostat.write('coil', 0, 0);
    thermostat.step(4_000);
    expect(thermostat.read('input', 0)).toBeLessThan(200);
    expect(thermostat.read('discrete', 0)).toBe(0);
  });

  it('has no such register elsewhere', () => {
    const thermostat = createThermostat({ random: () => 0.5 });
    expect(thermostat.read('holding', 2)).toBeUndefined();
    expect(thermostat.write('coil', 1, 1)).toBe('no such address');
    expect(thermostat.write('holding', 1, 3)).toBe('value out of range');
  });
});

describe('a simulated power meter', () => {
  it('counts what it measures', () => {
    const meter = createPowerMeter({ random: () => 0.5 });
    const energy = () => ((meter.read('input', 8) ?? 0) << 16) + (meter.read('input', 9) ?? 0);
    const before = energy();
    meter.step(3_600_000);
    expect(energy() - before).toBe(920);
    expect(meter.write('holding', 0, 1)).toBe('no such address');
  });
});

describe('the plant', () => {
  it('closes twice, though clients are connected', async () => {
    const plant = await startPlant();
    await plant.close();
    await plant.close();
  });

  it('names a taken port', async () => {
    const { port } = await startPlant();
    await expect(startPlant({ port })).rejects.toMatchObject({ code: 'PORT_TAKEN' });
  });
});
