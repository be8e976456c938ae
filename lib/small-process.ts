import { setFlagsFromString } from 'node:v8';

/**
 * For processes at the edge: V8 lets the young generation grow to 50 MB and more where it is not told otherwise, and collects
 * the old one late. Costs up to 1.6 times the processor time under full load.
 */
export const SMALL_PROCESS_FLAGS = ['--max-semi-space-size=2', '--optimize-for-size'];

/**
 * Begins this program again with those flags, in the same process: pid, terminal and standard streams stay. Does nothing where
 * it has flags of Node already, its own or through `NODE_OPTIONS`, which are somebody's choice; or a channel to its parent, which would be lost.
 */
export function becomeSmall(): void {
  const { execPath, execArgv, argv, env } = process;
  if (process.send || execArgv.length > 0 || env.NODE_OPTIONS || !process.execve) return;
  // One heap of malloc's for all threads: what one of them gave back, another takes.
  process.execve(execPath, [execPath, ...SMALL_PROCESS_FLAGS, ...argv.slice(1)], {
    MALLOC_ARENA_MAX: '1',
    ...env,
  });
}

/**
 * Begins something large with V8 as it is without `--optimize-for-size`, where this process has that: of what a start allocates nearly all
 * stays, and to look for garbage in it every ten megabytes takes longer than the start itself.
 */
export async function growFreely<T>(start: () => Promise<T>): Promise<T> {
  if (!process.execArgv.includes('--optimize-for-size')) return start();
  setFlagsFromString('--no-optimize-for-size');
  try {
    return await start();
  } finally {
    setFlagsFromString('--optimize-for-size');
  }
}
