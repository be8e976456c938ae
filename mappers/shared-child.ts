import { type ChildProcess, fork } from 'node:child_process';
import { createInterface } from 'node:readline';
import { backoffDelay } from '../lib/backoff.ts';
import { type Clock, every } from '../lib/clock.ts';
import type { Close } from '../lib/disposables.ts';
import type { Logger } from '../lib/logger.ts';
import { SMALL_PROCESS_FLAGS } from '../lib/small-process.ts';
import { PING, type PONG } from './shared-child-side.ts';

/** What has something to say to the process, and something to hear from it. */
export interface ChildUser<From> {
  /** The process runs, for the first time or again: it knows nothing. */
  started(): void;
  /** The process is gone; it will be started again. */
  stopped(reason: string): void;
  /** Messages that name this user. */
  receive(message: From): void;
}

export interface SharedChildOptions {
  /** In messages and the log: `opcua process`. */
  name: string;
  /** The program; it calls `serveParent`. */
  entry: string;
  args: string[];
  /** Most that its heap may take, MiB; beyond it the process dies, and is started again. @default what Node takes */
  maxHeapMb?: number;
  clock: Clock;
  /** 0 ≤ random() < 1; spreads restarts. */
  random: () => number;
  logger: Logger;
}

/** A device that is changed goes and comes again at once: that is no reason to end the process. */
const LINGER_MS = 5_000;
const STOP_MS = 2_000;
const RESTART_BASE_MS = 1_000;
const RESTART_CAP_MS = 30_000;
const PING_MS = 5_000;
/** Pings without an answer before the process counts as hung. */
const PINGS_MISSED = 3;

/**
 * A process for what is better kept out of this one: its memory, its garbage, its bugs. It runs while somebody uses it, is
 * started again when it dies, and ended when it hangs.
 */
export class SharedChild<To extends { user: number }, From extends { user: number }> {
  readonly #options: SharedChildOptions;
  readonly #users = new Map<number, ChildUser<From>>();
  #nextUser = 1;
  #child: ChildProcess | undefined;
  #deaths = 0;
  #missed = 0;
  #lastWords = '';
  #cancelTimer: Close = () => {};
  #stopPings: Close = () => {};

  constructor(options: SharedChildOptions) {
    this.#options = options;
  }

  /** Starts the process if need be; `started` is called, later. @returns the number that names the user in messages */
  attach(user: ChildUser<From>): number {
    const number = this.#nextUser++;
    this.#users.set(number, user);
    if (this.#child) queueMicrotask(() => this.#users.get(number) === user && this.#child && user.started());
    else if (this.#users.size === 1) this.#startAfter(0);
    return number;
  }

  /** The process ends some seconds after its last user. */
  detach(user: number): void {
    this.#users.delete(user);
    if (this.#users.size > 0) return;
    this.#cancelTimer();
    this.#cancelTimer = this.#options.clock.setTimer(LINGER_MS, () => {
      if (this.#users.size === 0) void this.close();
    });
  }

  /** What is said while the process is down is lost: `started` is the time to say it again. */
  send(message: To): void {
    if (this.#child?.connected) this.#child.send(message);
  }

  /** Ends the process at once; the next `attach` starts another. */
  async close(): Promise<void> {
    this.#cancelTimer();
    this.#stopPings();
    const child = this.#child;
    this.#child = undefined;
    if (!child) return;
    const ended = Promise.withResolvers<void>();
    const cancel = this.#options.clock.setTimer(STOP_MS, () => child.kill('SIGKILL'));
    child.once('exit', () => ended.resolve());
    // It closes its sessions when the channel closes.
    if (child.connected) child.disconnect();
    await ended.promise;
    cancel();
  }

  #startAfter(delayMs: number): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#options.clock.setTimer(delayMs, () => this.#start());
  }

  #start(): void {
    const { name, entry, args, maxHeapMb, clock, logger } = this.#options;
    if (this.#users.size === 0 || this.#child) return;
    const child = fork(entry, args, {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      execArgv: [...SMALL_PROCESS_FLAGS, ...(maxHeapMb ? [`--max-old-space-size=${maxHeapMb}`] : [])],
    });
    this.#child = child;
    this.#missed = 0;
    this.#lastWords = '';
    if (child.stderr) {
      createInterface(child.stderr).on('line', (line) => {
        if (/Error/.test(line)) this.#lastWords = line;
        logger.debug({ line: line.slice(0, 500) }, name);
      });
    }
    child.on('message', (message) => this.#receive(message as From | typeof PONG));
    child.on('error', () => {}); // Of a send that met the end of the process: `exit` tells.
    child.on('exit', (code, signal) => this.#died(child, signal ?? `code ${code}`));
    this.#stopPings = every(clock, PING_MS, () => this.#ping(child));
    logger.info({ pid: child.pid }, `${name} started`);
    for (const user of this.#users.values()) user.started();
  }

  #receive(message: From | typeof PONG): void {
    this.#missed = 0;
    if (typeof message === 'string') this.#deaths = 0;
    else this.#users.get(message.user)?.receive(message);
  }

  #ping(child: ChildProcess): void {
    if (++this.#missed > PINGS_MISSED) {
      this.#lastWords = 'it did not answer';
      child.kill('SIGKILL');
    } else if (child.connected) child.send(PING);
  }

  #died(child: ChildProcess, how: string): void {
    if (this.#child !== child) return;
    const { name, logger, random } = this.#options;
    this.#child = undefined;
    this.#stopPings();
    const reason = `the ${name} ended (${how})${this.#lastWords && `: ${this.#lastWords}`}`;
    logger.warn({ reason }, `${name} will be started again`);
    for (const user of this.#users.values()) user.stopped(reason);
    if (this.#users.size === 0) return;
    const backoff = { baseMs: RESTART_BASE_MS, capMs: RESTART_CAP_MS, random };
    this.#startAfter(RESTART_BASE_MS / 4 + backoffDelay(this.#deaths++, backoff));
  }
}
