import modbusSerial from 'modbus-serial';

/** A Modbus TCP master of its own beside the edge node: what the device really holds. */
export interface ModbusMaster {
  holding(unit: number, address: number): Promise<number>;
  writeHolding(unit: number, address: number, value: number): Promise<void>;
  close(): Promise<void>;
}

export async function connectModbus(port: number): Promise<ModbusMaster> {
  const client = new modbusSerial.default();
  await client.connectTCP('127.0.0.1', { port });
  client.setTimeout(5000);
  return {
    async holding(unit, address) {
      client.setID(unit);
      return (await client.readHoldingRegisters(address, 1)).data[0] as number;
    },
    async writeHolding(unit, address, value) {
      client.setID(unit);
      await client.writeRegister(address, value);
    },
    close: () => new Promise((resolve) => client.close(() => resolve())),
  };
}
