import { type ChildProcess, fork } from 'node:child_process';
import { createInterface } from 'node:readline';
import { backoffDelay } from '../../lib/backoff.ts';
import { type Clock, every } from '../../lib/clock.ts';
import type { Close } from '../../lib/disposables.ts';
import type { Logger } from '../../lib/logger.ts';
import type { FromChild, ToChild } from './messages.ts';

/** What has something to say to the process, and something to hear from it. */
export interface ChildUser {
  /** The process runs, for the first time or again: it knows nothing. */
  started(): void;
  /** The process is gone; it will be started again. */
  stopped(reason: string): void;
  /** Messages that name this user's server. */
  receive(message: Exclude<FromChild, { type: 'pong' }>): void;
}

export interface OpcuaProcessOptions {
  /** The program: `child/main.ts`, or what the bundle made of it. */
  entry: string;
  /** Directory of our own certificate and the trust list. */
  pkiDir: string;
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
/** The heap of a client stays small: its memory is worth more at the edge than its last percent of speed. */
const NODE_FLAGS = ['--max-semi-space-size=2', '--optimize-for-size'];

/**
 * The process that node-opcua lives in, so that its 80 MB, its garbage and its bugs stay out of the edge process. It runs
 * while somebody uses it, is started again when it dies, and ended when it hangs.
 */
export class OpcuaProcess {
  readonly #options: OpcuaProcessOptions;
  readonly #users = new Map<number, ChildUser>();
  #nextServer = 1;
  #child: ChildProcess | undefined;
  #deaths = 0;
  #missed = 0;
  #lastWords = '';
  #cancelTimer: Close = () => {};
  #stopPings: Close = () => {};

  constructor(options: OpcuaProcessOptions) {
    this.#options = options;
  }

  /** Starts the process if need be; `started` is called, later. @returns the number that names the user's server */
  attach(user: ChildUser): number {
    const server = this.#nextServer++;
    this.#users.set(server, user);
    if (this.#child) queueMicrotask(() => this.#users.get(server) === user && this.#child && user.started());
    else if (this.#users.size === 1) this.#startAfter(0);
    return server;
  }

  /** The process ends some seconds after its last user. */
  detach(server: number): void {
    this.#users.delete(server);
    if (this.#users.size > 0) return;
    this.#cancelTimer();
    this.#cancelTimer = this.#options.clock.setTimer(LINGER_MS, () => void this.close());
  }

  /** What is said while the process is down is lost: `started` is the time to say it again. */
  send(message: ToChild): void {
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
    const { entry, pkiDir, clock, logger } = this.#options;
    if (this.#users.size === 0 || this.#child) return;
    const child = fork(entry, [pkiDir], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      execArgv: NODE_FLAGS,
    });
    this.#child = child;
    this.#missed = 0;
    this.#lastWords = '';
    if (child.stderr) {
      createInterface(child.stderr).on('line', (line) => {
        if (/Error/.test(line)) this.#lastWords = line;
        logger.debug({ line: line.slice(0, 500) }, 'opcua process');
      });
    }
    child.on('message', (message) => this.#receive(message as FromChild));
    child.on('error', () => {}); // Of a send that met the end of the process: `exit` tells.
    child.on('exit', (code, signal) => this.#died(child, signal ?? `code ${code}`));
    this.#stopPings = every(clock, PING_MS, () => this.#ping(child));
    logger.info({ pid: child.pid }, 'opcua process started');
    for (const user of this.#users.values()) user.started();
  }

  #receive(message: FromChild): void {
    this.#missed = 0;
    if (message.type === 'pong') this.#deaths = 0;
    else this.#users.get(message.server)?.receive(message);
  }

  #ping(child: ChildProcess): void {
    if (++this.#missed > PINGS_MISSED) {
      this.#lastWords = 'it did not answer';
      child.kill('SIGKILL');
    } else this.send({ type: 'ping' });
  }

  #died(child: ChildProcess, how: string): void {
    if (this.#child !== child) return;
    const { logger, random } = this.#options;
    this.#child = undefined;
    this.#stopPings();
    const reason = `the opcua process ended (${how})${this.#lastWords && `: ${this.#lastWords}`}`;
    logger.warn({ reason }, 'opcua process will be started again');
    for (const user of this.#users.values()) user.stopped(reason);
    if (this.#users.size === 0) return;
    const backoff = { baseMs: RESTART_BASE_MS, capMs: RESTART_CAP_MS, random };
    this.#startAfter(RESTART_BASE_MS / 4 + backoffDelay(this.#deaths++, backoff));
  }
}
