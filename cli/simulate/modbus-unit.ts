export type RegisterTable = 'coil' | 'discrete' | 'input' | 'holding';

/** What a write came to; the server turns it into an answer or an exception. */
export type WriteOutcome = 'written' | 'no such address' | 'value out of range';

/** One device on a Modbus server, as its registers show it. Addresses are zero-based. */
export interface ModbusUnit {
  /** The register, 0..65535, or the bit, 0 or 1; undefined where the device has none. */
  read(table: RegisterTable, address: number): number | undefined;
  write(table: 'coil' | 'holding', address: number, value: number): WriteOutcome;
}

export interface SimulatedUnit extends ModbusUnit {
  /** Lets `dtMs` milliseconds pass. */
  step(dtMs: number): void;
}
