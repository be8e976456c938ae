import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openStore, seqs, tempDir } from './stores.ts';

const LOOPS = Number(process.env.OCTOGRAPH_CRASH_LOOPS ?? 50);
const WRITER = new URL('./writer-process.ts', import.meta.url).pathname;

/** Lets a writer run until it said so many lines, and kills it there. */
async function runAndKill(path: string, lines: number): Promise<{ given: number[]; durable: number }> {
  const child: ChildProcess = spawn(process.execPath, [WRITER, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  let seen = 0;
  child.stdout?.on('data', (chunk: Buffer) => {
    text += chunk;
    for (const byte of chunk) if (byte === 10) seen++;
    if (seen >= lines) child.kill('SIGKILL');
  });
  await once(child, 'close');
  const numbers = (word: string) =>
    [...text.matchAll(new RegExp(`^${word} (\\d+)$`, 'gm'))].map(([, number]) => Number(number));
  return { given: numbers('given'), durable: numbers('durable').at(-1) ?? 0 };
}

it(`[S3 S4] loses nothing durable and gives no position twice over ${LOOPS} kills`, {
  timeout: 300_000,
}, async () => {
  const path = join(tempDir(), 'edge.db');
  let lastGiven = 0;
  let lastDurable = 0;
  for (let loop = 0; loop < LOOPS; loop++) {
    const { given, durable } = await runAndKill(path, 1 + ((loop * 7) % 40));
    expect(given[0] ?? Number.POSITIVE_INFINITY).toBeGreaterThan(lastGiven);
    lastGiven = given.at(-1) ?? lastGiven;
    lastDurable = Math.max(lastDurable, durable);

    const { store } = openStore(path);
    const rows = seqs(store.readOutbox(0, 1_000_000));
    expect(rows).toEqual([...new Set(rows)].sort((a, b) => a - b));
    // A prefix of what this run gave: everything durable, and no hole behind it.
    const ofThisRun = rows.filter((seq) => seq >= (given[0] ?? 0));
    expect(ofThisRun).toEqual(given.slice(0, ofThisRun.length));
    expect(rows.at(-1) ?? 0).toBeGreaterThanOrEqual(lastDurable);
    const newest = Math.max(0, ...seqs(store.load().twins));
    expect(newest).toBe(rows.at(-1) ?? 0);
    const remembered = ['p0', 'p1', 'p2'].flatMap((property) =>
      store
        .readHistory({
          device: 'plant/boiler',
          property,
          from: 0,
          to: 2 ** 40,
          points: 1_000_000,
          method: 'RAW',
        })
        .samples.map(({ value }) => Number(value)),
    );
    expect(remembered.sort((a, b) => a - b)).toEqual(rows);
    expect(store.lastSeq()).toBeGreaterThanOrEqual(lastGiven);
    lastGiven = store.lastSeq();
    await store.close();
  }
});

it('[S1] refuses a second process on the same file by name', async () => {
  const path = join(tempDir(), 'edge.db');
  const child = spawn(process.execPath, [WRITER, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  expect(() => openStore(path)).toThrow(expect.objectContaining({ code: 'STORE_LOCKED' }));
  child.kill('SIGKILL');
  await once(child, 'close');
  await openStore(path).store.close();
});
