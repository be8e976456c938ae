import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Processes } from '../../cli/demo/processes.ts';
import { type Clock, systemClock } from '../../lib/clock.ts';
import { isAlive } from '../harness/demo.ts';
import { ManualClock } from '../harness/manual-clock.ts';
import { waitFor } from '../harness/wait.ts';

function start(clock: Clock = systemClock) {
  const logDir = mkdtempSync(join(tmpdir(), 'octograph-processes-'));
  const said: string[] = [];
  const processes = new Processes({ logDir, clock, say: (line) => said.push(line) });
  onTestFinished(async () => {
    await processes.stop();
    rmSync(logDir, { recursive: true, force: true });
  });
  const pid = (name: string) => processes.pids()[name] ?? -1;
  return { processes, said, pid, logDir };
}

const PLANT = ['simulate', '--modbus-listen', '127.0.0.1:0'];

describe('the demo’s processes', () => {
  it('are there when they said so, and end together', async () => {
    const { processes, pid, said } = start();
    await Promise.all([processes.start('a', PLANT), processes.start('b', PLANT)]);
    const pids = [pid('a'), pid('b')];
    expect(pids.every(isAlive)).toBe(true);
    await processes.stop();
    expect(pids.some(isAlive)).toBe(false);
    expect(said).toEqual([]);
    await processes.stop();
  });

  it('come back when they are killed', async () => {
    const { processes, pid, said } = start();
    await processes.start('plant', PLANT);
    let starts = 0;
    processes.onStart(() => starts++);
    const killed = pid('plant');
    process.kill(killed, 'SIGKILL');
    await waitFor('the plant to be back', () => said.includes('plant is back'));
    expect(said).toEqual(['plant was ended by SIGKILL; starting it again', 'plant is back']);
    expect(pid('plant')).not.toBe(killed);
    expect(isAlive(pid('plant'))).toBe(true);
    expect(starts).toBe(1);
  });

  it('do not come back when they are killed while all end', async () => {
    const clock = new ManualClock();
    const { processes, pid, said } = start(clock);
    await processes.start('plant', PLANT);
    const killed = pid('plant');
    process.kill(killed, 'SIGKILL');
    await waitFor('the death to be noticed', () => said.length > 0);
    await processes.stop();
    await clock.advance(60_000);
    expect(pid('plant')).toBe(killed);
  });

  it('that cannot start are named with their last words', async () => {
    const { processes, logDir } = start();
    await expect(processes.start('plant', ['simulate'])).rejects.toMatchObject({
      code: 'DEMO',
      message: expect.stringMatching(/^plant ended with code 2: .*nothing to simulate \(SETTINGS\)$/),
    });
    await waitFor('the log', () =>
      readFileSync(join(logDir, 'plant.log'), 'utf8').includes('nothing to simulate'),
    );
  });
});
