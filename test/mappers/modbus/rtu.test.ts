import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../lib/clock.ts';
import { Disposables } from '../../../lib/disposables.ts';
import type { DeviceSession } from '../../../mappers/contract.ts';
import { createModbusMapper } from '../../../mappers/modbus/mapper.ts';
import { waitFor } from '../../harness/wait.ts';
import { device, property } from '../models.ts';

const fixture = join(import.meta.dirname, '../../fixtures/libmodbus-rtu-server.c');
const directory = mkdtempSync(join(tmpdir(), 'octograph-rtu-'));
const binary = join(directory, 'server');

function isPossible(): boolean {
  try {
    execFileSync('socat', ['-V'], { stdio: 'ignore' });
    execFileSync('cc', ['-o', binary, fixture, '-lmodbus'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const kill = (child: ChildProcess) => async () => {
  child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
};

describe.skipIf(!isPossible())(
  'on a serial bus, against libmodbus (needs socat, cc and libmodbus-dev)',
  () => {
    const disposables = new Disposables();
    const [ours, theirs] = [join(directory, 'ours'), join(directory, 'theirs')];
    const signal = () => AbortSignal.timeout(10_000);
    const sessions: DeviceSession[] = [];

    beforeAll(async () => {
      const pty = (path: string) => `pty,raw,echo=0,link=${path}`;
      disposables.add(kill(spawn('socat', [pty(ours), pty(theirs)], { stdio: 'ignore' })));
      await waitFor('the serial line', () => existsSync(ours) && existsSync(theirs));
      const server = spawn(binary, [theirs], { stdio: ['ignore', 'pipe', 'ignore'] });
      disposables.add(kill(server));
      await once(server.stdout, 'data');
      const mapper = disposables.use(createModbusMapper({ clock: systemClock, random: () => 0 }));
      const protocol = {
        communicateMode: 'RTU',
        serialName: ours,
        baudRate: 115_200,
        slaveID: 1,
        timeoutMs: 300,
      };
      const properties = Array.from({ length: 120 }, (_, offset) =>
        property(`r${offset}`, { type: 'INT', visitor: { register: 'HoldingRegister', offset } }),
      );
      for (const slaveID of [1, 2]) {
        const unit = device(`unit-${slaveID}`, { protocol: { ...protocol, slaveID }, properties });
        sessions.push(await mapper.open(unit, { report() {}, state() {} }));
      }
    });
    afterAll(async () => {
      await disposables.close();
      rmSync(directory, { recursive: true });
    });

    it('reads many registers at once, and writes', async () => {
      const [session] = sessions;
      const names = Array.from({ length: 120 }, (_, offset) => `r${offset}`);
      const readings = (await session?.collect(names, signal())) ?? [];
      expect(readings.map(({ value }) => value)).toEqual(names.map((_, offset) => 1000 + offset));
      expect(await session?.apply('r7', 77, signal())).toBe(77);
    });

    it('goes on though another unit on the bus stays silent', async () => {
      const [present, absent] = sessions;
      await expect(absent?.collect(['r0'], signal())).rejects.toMatchObject({ code: 'DEVICE_TIMEOUT' });
      // libmodbus takes all that it hears for the absent unit's answer, until the line is quiet for half a second.
      const readings = await waitFor('an answer', () => present?.collect(['r1'], signal()), { everyMs: 700 });
      expect(readings).toMatchObject([{ value: 1001 }]);
    });
  },
);
