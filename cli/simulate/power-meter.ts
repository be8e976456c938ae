import type { SimulatedUnit } from './modbus-unit.ts';

export interface PowerMeterOptions {
  /** 0 ≤ random() < 1; moves voltage and load. */
  random: () => number;
}

const NOMINAL_VOLTAGE = 230;

/**
 * A single-phase power meter, in input registers only. Meters of one maker mix word orders like this one does.
 *
 * | input | what                                        |
 * |-------|---------------------------------------------|
 * | 0..1  | voltage, V, FLOAT32                         |
 * | 2..3  | current, A, FLOAT32                         |
 * | 4..5  | active power, W, FLOAT32, low word first    |
 * | 6..9  | energy, Wh, UINT64                          |
 */
export function createPowerMeter({ random }: PowerMeterOptions): SimulatedUnit {
  const registers = Buffer.alloc(20);
  let voltage = NOMINAL_VOLTAGE;
  let current = 4;
  let energyWh = 1_234_567;

  const show = () => {
    registers.writeFloatBE(voltage, 0);
    registers.writeFloatBE(current, 4);
    registers.writeFloatBE(voltage * current, 8);
    // Low word first: the two registers change places.
    registers.subarray(8, 12).swap32().swap16();
    registers.writeBigUInt64BE(BigInt(Math.floor(energyWh)), 12);
  };
  show();

  return {
    step(dtMs) {
      voltage = NOMINAL_VOLTAGE + (random() * 2 - 1) * 3;
      current = Math.min(16, Math.max(0.2, current + (random() * 2 - 1) * 0.4));
      energyWh += (voltage * current * dtMs) / 3_600_000;
      show();
    },
    read(table, address) {
      if (table !== 'input' || address * 2 >= registers.length) return undefined;
      return registers.readUInt16BE(address * 2);
    },
    write: () => 'no such address',
  };
}
