import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { listen } from '../../lib/listen.ts';
import { SMALL_PROCESS_FLAGS } from '../../lib/small-process.ts';

const PROGRAM = join(import.meta.dirname, '../../dist/octograph.js');
/** Source: proc(5), `stat`; USER_HZ is 100 on all that Node runs on. */
const MS_PER_TICK = 10;

/** `octograph` from `dist/`, a process for each command. */
export class BuiltProcesses {
  readonly #logDir: string;
  readonly #running = new Map<string, ChildProcess>();

  /** @param logDir where each process writes `<command>.log` */
  constructor(logDir: string) {
    this.#logDir = logDir;
  }

  /** Resolves when it is ready. @throws where it ends before, naming its log */
  async start(command: string, settings: Record<string, string>): Promise<void> {
    const flags = Object.entries(settings).map(([name, value]) => `--${name}=${value}`);
    // With a channel to its parent it does not give them itself.
    const ofNode = command === 'edge' ? SMALL_PROCESS_FLAGS : [];
    const child = spawn(process.execPath, [...ofNode, PROGRAM, command, ...flags], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const log = join(this.#logDir, `${command}.log`);
    child.stderr?.pipe(createWriteStream(log));
    this.#running.set(command, child);
    const ended = once(child, 'exit').then(() => {
      throw new Error(`octograph ${command} ended: ${readFileSync(log, 'utf8')}`);
    });
    ended.catch(() => {});
    await Promise.race([once(child, 'message'), ended]);
  }

  /** What a command that ends by itself prints. */
  run(...args: string[]): string {
    return execFileSync(process.execPath, [PROGRAM, ...args], { encoding: 'utf8' });
  }

  /** Processor time that each of them used so far, milliseconds. */
  cpuMs(): Record<string, number> {
    return Object.fromEntries(
      Array.from(this.#running, ([command, { pid }]) => {
        const [, fields = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
        const [user, system] = fields.split(' ').slice(11, 13).map(Number) as [number, number];
        return [command, (user + system) * MS_PER_TICK];
      }),
    );
  }

  async stop(): Promise<void> {
    for (const child of [...this.#running.values()].reverse()) {
      if (child.exitCode !== null) continue;
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server, { host: '127.0.0.1', port: 0 }, 'a free port');
  await new Promise((done) => server.close(done));
  return port;
}
