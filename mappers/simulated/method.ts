import type { TwinValue } from '../../twin/value.ts';
import { ConfigReader } from '../config-reader.ts';

/** A method that a simulated device pretends to have. */
export interface SimulatedMethod {
  name: string;
  /** How long it takes. */
  takesMs: number;
  /** What it answers; where this is left out, its arguments as JSON text, or null where it has none. */
  result?: TwinValue;
  /** Set: it refuses, with this reason. */
  refuses?: string;
}

/** `methods` of the protocol configData: `{ calibrate: { takesMs: 200, result: done } }`. */
export function parseMethods(
  methods: Map<string, Record<string, unknown>>,
  device: string,
): SimulatedMethod[] {
  return Array.from(methods, ([name, fields]) => {
    const config = new ConfigReader(fields, `${device}, method ${name}`);
    return {
      name,
      takesMs: config.integer('takesMs', { min: 0, max: 600_000 }, 0),
      result: config.has('result') ? config.scalar('result') : undefined,
      refuses: config.has('refuses') ? config.text('refuses') : undefined,
    };
  });
}
