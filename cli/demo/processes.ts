import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Clock } from '../../lib/clock.ts';
import { OctographError } from '../../lib/errors.ts';
import { SMALL_PROCESS_FLAGS } from '../../lib/small-process.ts';

export interface ProcessesOptions {
  /** Where each process writes its log, `<name>.log`. */
  logDir: string;
  clock: Clock;
  /** Told what happens to the processes, in a line for a person. */
  say(line: string): void;
}

/** Milliseconds before a process that died is started again. */
const RESTART_MS = 1000;
/** Milliseconds that a process has to end by itself. */
const STOP_MS = 6000;
const LAST_LINES = 5;

/** This program again, as `octograph <args>`: the sources where we run from sources, the bundle where we run from it. */
const SELF = import.meta.url.endsWith('.ts')
  ? fileURLToPath(new URL('../octograph.ts', import.meta.url))
  : (process.argv[1] as string);

/** The demo's processes: started, kept alive, and ended together. */
export class Processes {
  readonly #options: ProcessesOptions;
  readonly #running = new Map<string, ChildProcess>();
  #stopping = false;
  #onStart: () => void = () => {};

  constructor(options: ProcessesOptions) {
    this.#options = options;
    mkdirSync(options.logDir, { recursive: true });
  }

  /**
   * Starts `octograph <args>` and resolves when it says that it is ready.
   * @throws OctographError `DEMO` with its last words when it ends before that
   */
  start(name: string, args: string[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const lastWords: string[] = [];
      let isReady = false;
      const child = this.#spawn(name, args, lastWords);
      child.on('message', () => {
        isReady = true;
        resolve();
      });
      child.once('exit', (code, signal) => {
        const how = signal ? `was ended by ${signal}` : `ended with code ${code}`;
        if (isReady) return this.#restart(name, args, how);
        // Its last words may still be on their way.
        child.once('close', () =>
          reject(new OctographError('DEMO', `${name} ${how}: ${lastWords.join(' ').trim()}`)),
        );
      });
    });
  }

  /** Called whenever a process was started, again too. */
  onStart(listener: () => void): void {
    this.#onStart = listener;
  }

  pids(): Record<string, number | undefined> {
    return Object.fromEntries(Array.from(this.#running, ([name, child]) => [name, child.pid]));
  }

  /** Asks all to end, the last started first in line, and ends for good whoever does not. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(Array.from(this.#running.values(), (child) => this.#end(child)).reverse());
  }

  #spawn(name: string, args: string[], lastWords: string[]): ChildProcess {
    const log = createWriteStream(join(this.#options.logDir, `${name}.log`), { flags: 'a' });
    const child = spawn(
      process.execPath,
      [...process.execArgv, ...(args[0] === 'edge' ? SMALL_PROCESS_FLAGS : []), SELF, ...args],
      {
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      },
    );
    child.stderr?.setEncoding('utf8');
    child.stderr?.on('data', (text: string) => {
      log.write(text);
      lastWords.push(text);
      if (lastWords.length > LAST_LINES) lastWords.shift();
    });
    child.once('close', () => log.end());
    this.#running.set(name, child);
    this.#onStart();
    return child;
  }

  #restart(name: string, args: string[], how: string): void {
    if (this.#stopping) return;
    this.#options.say(`${name} ${how}; starting it again`);
    this.#options.clock.setTimer(RESTART_MS, () => {
      if (this.#stopping) return;
      this.start(name, args).then(
        () => this.#options.say(`${name} is back`),
        (error) => this.#restart(name, args, String(error.message)),
      );
    });
  }

  async #end(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    const cancel = this.#options.clock.setTimer(STOP_MS, () => child.kill('SIGKILL'));
    await exited;
    cancel();
  }
}
