import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { Disposables } from '../../lib/disposables.ts';
import { silentLogger } from '../../lib/logger.ts';
import { SharedChild } from '../../mappers/shared-child.ts';
import { ManualClock } from '../harness/manual-clock.ts';
import { waitFor } from '../harness/wait.ts';

const disposables = new Disposables();
afterEach(() => disposables.close());

function start(program: string) {
  const from = mkdtempSync(join(tmpdir(), 'octograph-child-'));
  disposables.add(() => rmSync(from, { recursive: true, force: true }));
  const entry = join(from, 'child.mjs');
  writeFileSync(entry, program);
  const clock = new ManualClock();
  const told: string[] = [];
  const child = new SharedChild<{ user: number }, { user: number }>({
    name: 'test process',
    entry,
    args: [],
    clock,
    random: () => 0,
    logger: silentLogger,
  });
  disposables.add(async () => {
    const closing = child.close();
    await clock.advance(2_000);
    await closing;
  });
  const user = child.attach({
    started: () => void told.push('started'),
    stopped: (reason) => void told.push(reason),
    receive: () => void told.push('message'),
  });
  return { clock, child, told, user };
}

it('a process that does not answer is ended, and started again', async () => {
  const { clock, told } = start('process.on("message", () => {}); for (;;);');
  await clock.advance(0);
  await clock.advance(20_000);
  await waitFor('the end', () => told.length === 2);
  expect(told).toEqual(['started', 'the test process ended (SIGKILL): it did not answer']);
  await clock.advance(1_000);
  expect(told.at(-1)).toBe('started');
});

it('a process ends some seconds after its last user, unless another comes', async () => {
  const { clock, child, told, user } = start(
    'process.on("message", (m) => m === "ping" && process.send("pong"));',
  );
  await clock.advance(0);
  child.detach(user);
  await clock.advance(4_000);
  const again: string[] = [];
  const next = child.attach({
    started: () => void again.push('started'),
    stopped: (reason) => void again.push(reason),
    receive() {},
  });
  await clock.advance(4_000);
  expect(again).toEqual(['started']);
  child.detach(next);
  await clock.advance(5_000);
  expect([told, again]).toEqual([['started'], ['started']]);
});
