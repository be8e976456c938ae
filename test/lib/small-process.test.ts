import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { growFreely, SMALL_PROCESS_FLAGS } from '../../lib/small-process.ts';

const module = new URL('../../lib/small-process.ts', import.meta.url).href;
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'octograph-small-'));
  writeFileSync(
    join(folder, 'program.mjs'),
    `import { becomeSmall } from ${JSON.stringify(module)};
     process.stdout.write('begun ');
     becomeSmall();
     process.stdout.write(JSON.stringify({ pid: process.pid, flags: process.execArgv, arguments: process.argv.slice(2) }));`,
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(flags: string[], { env = {}, channel = false } = {}) {
  const child = spawn(process.execPath, [...flags, join(folder, 'program.mjs'), 'one', '--two'], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'inherit', ...(channel ? (['ipc'] as const) : [])],
  });
  let output = '';
  child.stdout?.on('data', (chunk) => {
    output += chunk;
  });
  await once(child, 'close');
  const begun = output.split('begun ');
  return { begun: begun.length - 1, pid: child.pid, said: JSON.parse(begun.at(-1) ?? '') };
}

describe('a small process', () => {
  it('begins again with the flags, as the same process with the same arguments', async () => {
    const { begun, pid, said } = await run([]);
    expect(begun).toBe(2);
    expect(said).toEqual({ pid, flags: SMALL_PROCESS_FLAGS, arguments: ['one', '--two'] });
  });

  it('leaves flags alone that somebody chose', async () => {
    const flags = ['--max-semi-space-size=16'];
    expect(await run(flags)).toMatchObject({ begun: 1, said: { flags } });
    expect(await run([], { env: { NODE_OPTIONS: flags[0] } })).toMatchObject({ begun: 1 });
  });

  it('keeps the channel to its parent', async () => {
    expect(await run([], { channel: true })).toMatchObject({ begun: 1 });
  });
});

describe('what grows freely', () => {
  it('is searched for garbage less, and the process is small again after', () => {
    const program = `import { GCProfiler } from 'node:v8';
      import { growFreely } from ${JSON.stringify(module)};
      const searchesOf = async (run) => {
        const profiler = new GCProfiler();
        profiler.start();
        await run();
        return profiler.stop().statistics.filter(({ gcType }) => gcType === 'MarkSweepCompact').length;
      };
      const kept = [];
      const grow = async (times) => {
        for (let i = 0; i < times; i++) kept.push(Array.from({ length: 100_000 }, (_, n) => ({ text: 'twin ' + n })));
      };
      const start = () => grow(10);
      const during = await searchesOf(() => process.argv[1] === 'freely' ? growFreely(start) : start());
      console.log(JSON.stringify({ during, after: await searchesOf(() => grow(20)) }));`;
    const searches = (how: string): { during: number; after: number } =>
      JSON.parse(
        `${execFileSync(process.execPath, [...SMALL_PROCESS_FLAGS, '--input-type=module', '-e', program, how])}`,
      );
    const freely = searches('freely');
    // Which moment V8 searches at is its own: a hundred megabytes are one search or two against six, and six more for twice as many.
    expect(searches('as it is').during).toBeGreaterThan(2 * freely.during);
    expect(freely.after).toBeGreaterThan(2 * freely.during);
  });

  it('gives back what it came to, with and without the flags', async () => {
    expect(await growFreely(async () => 21)).toBe(21);
    await expect(growFreely(() => Promise.reject(new Error('no store')))).rejects.toThrow('no store');
  });
});
