import type { SimulatedUnit, WriteOutcome } from './modbus-unit.ts';

export interface ThermostatOptions {
  /** 0 ≤ random() < 1; makes the noise. */
  random: () => number;
  /** °C at the start. */
  temperature?: number;
  setPoint?: number;
}

const SET_POINT_MIN = 5;
const SET_POINT_MAX = 35;
const MODES = 3;
/** The room gets two thirds of the way to the set point in this time. */
const TIME_CONSTANT_MS = 8_000;
/** Peak of the sensor's noise, °C. */
const NOISE = 0.3;

/**
 * A room thermostat. Temperatures are INT16, tenths of a °C.
 *
 * | table    | address | what                           |
 * |----------|---------|--------------------------------|
 * | holding  | 0       | set point, 5.0..35.0 °C        |
 * | holding  | 1       | mode: 0 auto, 1 comfort, 2 eco |
 * | input    | 0       | temperature                    |
 * | coil     | 0       | heater enabled                 |
 * | discrete | 0       | heating now                    |
 */
export function createThermostat({
  random,
  temperature = 18,
  setPoint = 21,
}: ThermostatOptions): SimulatedUnit {
  const state = { room: temperature, shown: temperature, setPoint, mode: 0, enabled: true };

  const target = () => (state.enabled ? state.setPoint : SET_POINT_MIN);
  const isHeating = () => state.enabled && state.room < state.setPoint;

  return {
    step(dtMs) {
      state.room += (target() - state.room) * (1 - Math.exp(-dtMs / TIME_CONSTANT_MS));
      state.shown = state.room + (random() * 2 - 1) * NOISE;
    },
    read(table, address) {
      switch (`${table} ${address}`) {
        case 'holding 0':
          return tenths(state.setPoint);
        case 'holding 1':
          return state.mode;
        case 'input 0':
          return tenths(state.shown);
        case 'coil 0':
          return Number(state.enabled);
        case 'discrete 0':
          return Number(isHeating());
        default:
          return undefined;
      }
    },
    write(table, address, value): WriteOutcome {
      switch (`${table} ${address}`) {
        case 'holding 0':
          if (value < SET_POINT_MIN * 10 || value > SET_POINT_MAX * 10) return 'value out of range';
          state.setPoint = value / 10;
          return 'written';
        case 'holding 1':
          if (value >= MODES) return 'value out of range';
          state.mode = value;
          return 'written';
        case 'coil 0':
          state.enabled = value === 1;
          return 'written';
        default:
          return 'no such address';
      }
    },
  };
}

/** INT16, two's complement, in tenths. */
const tenths = (celsius: number): number => Math.round(celsius * 10) & 0xffff;
