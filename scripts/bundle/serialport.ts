import { createRequire } from 'node:module';

/**
 * Stands for the package `serialport` in the bundle: modbus-serial asks for it as soon as it is loaded, and a node without a
 * serial bus, most of them, need not have that native part in memory, or installed.
 */
export function SerialPort(options: unknown): unknown {
  const { SerialPort: Real } = createRequire(import.meta.url)('serialport');
  return new Real(options);
}
