import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type DemoLayout, defaultLayout } from '../../cli/demo/layout.ts';
import { collectOutput, isAlive } from '../harness/demo.ts';
import { query } from '../harness/graphql-client.ts';
import { waitFor } from '../harness/wait.ts';

const ROOT = join(import.meta.dirname, '../..');
const leftovers: Array<() => void> = [];

afterEach(() => {
  for (const clean of leftovers.splice(0).reverse()) clean();
});

function temporary(): string {
  const dir = mkdtempSync(join(tmpdir(), 'octograph-life-'));
  leftovers.push(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** As the README has it, but on free ports and in a directory of its own. */
function npmDemo(stateDir: string): { child: ChildProcess; output: () => string } {
  const child = spawn('npm', ['run', 'demo', '--', '--free-ports', '--state-dir', stateDir], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: a signal to npm is a signal to npm alone, and what it leaves behind can be found.
    detached: true,
  });
  leftovers.push(() => {
    try {
      process.kill(-(child.pid as number), 'SIGKILL');
    } catch {
      // Nothing is left of it: as it should be.
    }
  });
  return { child, output: collectOutput(child) };
}

async function untilUp({ child, output }: ReturnType<typeof npmDemo>, stateDir: string) {
  const isOver = () => child.exitCode !== null || output().includes('Octograph is up');
  await waitFor('the demo to be up', isOver, { timeoutMs: 60_000 });
  expect(output()).toContain('Octograph is up');
  return JSON.parse(readFileSync(join(stateDir, 'demo.json'), 'utf8')) as {
    layout: DemoLayout;
    processes: Record<string, number>;
  };
}

describe('npm run demo', () => {
  it('ends every process after SIGINT to the npm process alone, and starts again on the same state', async () => {
    const stateDir = temporary();
    const first = npmDemo(stateDir);
    const { layout, processes } = await untilUp(first, stateDir);
    const url = `http://127.0.0.1:${layout.cloudPort}/graphql`;
    const set =
      'mutation { setDesired(input: { device: { name: "thermostat-a1" }, values: [{ property: "setpoint", value: 27 }], waitFor: REPORTED }) { __typename } }';
    expect((await query(url, set)).data.setDesired.__typename).toBe('Settled');
    for (const address of [url, `127.0.0.1:${layout.tunnelPort}`, layout.kubeconfig])
      expect(first.output()).toContain(address);

    first.child.kill('SIGINT');
    await waitFor('all processes to end', () => Object.values(processes).every((pid) => !isAlive(pid)));

    const second = npmDemo(stateDir);
    await untilUp(second, stateDir);
    const text =
      '{ device(name: "thermostat-a1") { twin(property: "setpoint") { desired { value } reported { value } } } }';
    const { data } = await query(url, text);
    expect(data.device.twin.desired.value).toBe(27);
    second.child.kill('SIGTERM');
    await waitFor(
      'the second demo to end',
      () => second.child.exitCode !== null || second.child.signalCode !== null,
    );
  }, 120_000);

  it('ends every process when the demo itself is killed', async () => {
    const stateDir = temporary();
    const demo = npmDemo(stateDir);
    const { processes } = await untilUp(demo, stateDir);
    const supervisor = execFileSync('ps', ['-o', 'ppid=', '-p', String(processes.cloud)])
      .toString()
      .trim();
    process.kill(Number(supervisor), 'SIGKILL');
    await waitFor('all processes to end', () => Object.values(processes).every((pid) => !isAlive(pid)));
  }, 90_000);

  it('names a port that is taken, and what it was for', async () => {
    const { cloudPort } = defaultLayout('.');
    const blocker = createServer();
    const isOurs = await new Promise<boolean>((resolve) => {
      blocker.once('error', () => resolve(false));
      blocker.listen(cloudPort, '127.0.0.1', () => resolve(true));
    });
    const child = spawn(process.execPath, ['cli/octograph.ts', 'demo', '--state-dir', temporary()], {
      cwd: ROOT,
    });
    const output = collectOutput(child);
    const code = await new Promise((resolve) => child.once('exit', resolve));
    if (isOurs) await new Promise((done) => blocker.close(done));
    expect(code).toBe(1);
    expect(output()).toMatch(/port \d+ on 127\.0\.0\.1, for .*, is taken by another process/);
  });
});

describe('octograph demo link', () => {
  it('says so when no demo runs there', () => {
    const run = () =>
      execFileSync(
        process.execPath,
        ['cli/octograph.ts', 'demo', 'link', 'edge-a', 'down', '--state-dir', temporary()],
        { cwd: ROOT, stdio: 'pipe' },
      );
    expect(run).toThrow(/no demo is running here/);
  });
});
