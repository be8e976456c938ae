import { setTimeout as pause } from 'node:timers/promises';
import { startModbusServer } from '../../cli/simulate/modbus-server.ts';
import type { ModbusUnit } from '../../cli/simulate/modbus-unit.ts';
import { say, spread } from './figures.ts';
import { ask, fillStore, firstAnswer, inFolder, startEdge } from './node.ts';
import { devicesOf } from './objects.ts';

const ROUNDS = 5;
const COMMANDS = 200;

/**
 * From the client's mutation to the write on the wire, both seen by this process, which is client and Modbus device: the mapper's `apply` came
 * before that. Registers are polled once a second meanwhile.
 */
export async function measureApply(): Promise<void> {
  const device = new StampingUnit();
  const modbus = await startModbusServer({
    host: '127.0.0.1',
    port: 0,
    units: new Map([[1, device]]),
    what: 'the bench',
  });
  await inFolder(async (folder) => {
    const way = { ip: '127.0.0.1', port: modbus.port, slaveID: 1 };
    const visitor = (n: number) => ({ register: 'HoldingRegister', offset: n, limit: 1, dataType: 'uint16' });
    await fillStore(folder, devicesOf('modbus', 1, visitor, way));
    const edge = await startEdge(folder);
    const state = '{ device(namespace: "default", name: "modbus0") { state } }';
    while (!(await firstAnswer(edge.url, state)).includes('online')) await pause(50);
    const rounds = { written: [] as number[][], reported: [] as number[][] };
    for (let round = 0; round < ROUNDS; round++) {
      const [written, reported]: number[][] = [[], []];
      for (let n = 0; n < COMMANDS; n++) {
        const startedAt = performance.now();
        const writing = device.written();
        const answer = ask(edge.url, commandOf(round * COMMANDS + n + 1));
        written?.push((await writing) - startedAt);
        if (!(await answer).includes('Settled')) throw new Error(`expected Settled: ${await answer}`);
        reported?.push(performance.now() - startedAt);
      }
      rounds.written.push(written as number[]);
      rounds.reported.push(reported as number[]);
    }
    await edge.stop();
    say('setDesired over HTTP until the device is written', spread(rounds.written));
    say('setDesired with waitFor REPORTED, until its answer', spread(rounds.reported));
  });
  await modbus.close();
}

const commandOf = (value: number) => `mutation {
  setDesired(input: { device: { name: "modbus0" }, values: [{ property: "p0", value: ${value} }], waitFor: REPORTED }) { __typename }
}`;

/** Ten registers that tell when one is written. */
class StampingUnit implements ModbusUnit {
  readonly #registers = new Map<number, number>();
  #next = Promise.withResolvers<number>();

  /** Resolves to the moment of the next write. */
  written(): Promise<number> {
    return this.#next.promise;
  }

  read(_table: string, address: number): number {
    return this.#registers.get(address) ?? 0;
  }

  write(_table: string, address: number, value: number) {
    this.#registers.set(address, value);
    this.#next.resolve(performance.now());
    this.#next = Promise.withResolvers<number>();
    return 'written' as const;
  }
}
