import { backoffDelay } from '../../lib/backoff.ts';
import type { Clock } from '../../lib/clock.ts';
import { messageOf } from '../../lib/errors.ts';
import { type Endpoint, endpointName } from './endpoint.ts';
import { ModbusException, unanswered, unreachable } from './errors.ts';
import { type Line, type ModbusClient, openLine } from './line.ts';
import { factsOf, nameOf, type Span } from './register.ts';

export interface ModbusTarget extends Span {
  unit: number;
  timeoutMs: number;
}

/** The requests of one job. They throw ModbusException, `DEVICE_TIMEOUT` or `DEVICE_UNREACHABLE`. */
export interface Requests {
  readBits(target: ModbusTarget): Promise<boolean[]>;
  /** Big-endian, two bytes a register, exactly `count` of them. */
  readRegisters(target: ModbusTarget): Promise<Buffer>;
  writeBits(target: ModbusTarget, bits: boolean[]): Promise<void>;
  writeRegisters(target: ModbusTarget, bytes: Buffer): Promise<void>;
}

export interface ModbusConnectionOptions {
  endpoint: Endpoint;
  clock: Clock;
  /** 0 ≤ random() < 1 */
  random: () => number;
}

const RECONNECT_BASE_MS = 200;
const RECONNECT_CAP_MS = 5_000;
/** So many requests without a single byte in return: the peer is gone, though TCP has not noticed. */
const SILENCE_LIMIT = 3;

/** Source: Modbus Application Protocol 1.1b3, section 7. */
const ILLEGAL_FUNCTION = 1;

type Callback<T> = (error: unknown, result: T) => void;

/**
 * One wire and its queue: one request in flight, in order of arrival, over all unit ids behind it. (Several in flight are
 * slower against most devices, and impossible on a serial bus.) The queue holds at most one collection and the running
 * commands of each device.
 */
export class ModbusConnection {
  readonly #options: ModbusConnectionOptions;
  #tail: Promise<unknown> = Promise.resolve();
  #line: Line | undefined;
  /** Units, by table, that refuse functions 5 and 6: learned from them. */
  readonly #severalOnly = new Set<string>();
  #closed = false;
  #silent = 0;
  #openFailures = 0;
  /** The last failure to connect answers everybody until then. */
  #refused: { until: number; error: unknown } | undefined;
  /** Fails the request in flight. */
  #failRequest: (error: unknown) => void = () => {};

  constructor(options: ModbusConnectionOptions) {
    this.#options = options;
  }

  get name(): string {
    return endpointName(this.#options.endpoint);
  }

  /** Runs `job` when it is its turn; nobody else's request comes between its requests. */
  run<T>(signal: AbortSignal, job: (requests: Requests) => Promise<T>): Promise<T> {
    const turn = this.#tail.then(() => {
      signal.throwIfAborted();
      return job(this.#requests);
    });
    this.#tail = turn.catch(() => {});
    return turn;
  }

  close(): void {
    this.#closed = true;
    this.#drop('the connection was closed');
  }

  readonly #requests: Requests = {
    readBits: async (target) => {
      const { data } = await this.#request<{ data: boolean[] }>(target, 'reading', (client, done) => {
        if (target.kind === 'CoilRegister') client.writeFC1(target.unit, target.address, target.count, done);
        else client.writeFC2(target.unit, target.address, target.count, done);
      });
      // Bits come padded to whole bytes.
      return this.#checkCount(target, data, target.count, Math.ceil(target.count / 8) * 8).slice(
        0,
        target.count,
      );
    },
    readRegisters: async (target) => {
      const { buffer } = await this.#request<{ buffer: Buffer }>(target, 'reading', (client, done) => {
        if (target.kind === 'HoldingRegister')
          client.writeFC3(target.unit, target.address, target.count, done);
        else client.writeFC4(target.unit, target.address, target.count, done);
      });
      return this.#checkCount(target, buffer, target.count * 2, target.count * 2);
    },
    writeBits: (target, bits) =>
      this.#write(target, bits.length === 1, (isSingle) => (client, done) => {
        if (isSingle) client.writeFC5(target.unit, target.address, bits[0] === true, done);
        else client.writeFC15(target.unit, target.address, bits, done);
      }),
    writeRegisters: (target, bytes) => {
      const words = Array.from({ length: target.count }, (_, index) => bytes.readUInt16BE(index * 2));
      return this.#write(target, words.length === 1, (isSingle) => (client, done) => {
        if (isSingle) client.writeFC6(target.unit, target.address, words[0] as number, done);
        else client.writeFC16(target.unit, target.address, words, done);
      });
    },
  };

  /** One value goes by the function for one, unless the unit said that it has only the one for several. */
  async #write(
    target: ModbusTarget,
    isOne: boolean,
    send: (isSingle: boolean) => (client: ModbusClient, done: Callback<unknown>) => void,
  ): Promise<void> {
    const key = `${target.kind} ${target.unit}`;
    const isSingle = isOne && !this.#severalOnly.has(key);
    try {
      await this.#request(target, 'writing', send(isSingle));
    } catch (error) {
      if (!isSingle || !(error instanceof ModbusException && error.exception === ILLEGAL_FUNCTION))
        throw error;
      await this.#request(target, 'writing', send(false));
      this.#severalOnly.add(key);
    }
  }

  async #request<T>(
    target: ModbusTarget,
    verb: 'reading' | 'writing',
    send: (client: ModbusClient, done: Callback<T>) => void,
  ): Promise<T> {
    const what = `${verb} ${nameOf(target)} of unit ${target.unit}`;
    const { maxRead, plural } = factsOf(target.kind);
    if (target.count > maxRead) throw new RangeError(`${what}: at most ${maxRead} ${plural} at once`);
    const line = await this.#open(target.timeoutMs);
    const receivedBefore = line.receivedBytes();
    line.client.setTimeout(target.timeoutMs);
    try {
      const result = await new Promise<T>((resolve, reject) => {
        this.#failRequest = reject;
        send(line.client, (error, answer) => (error ? reject(error) : resolve(answer)));
      });
      this.#silent = 0;
      return result;
    } catch (error) {
      throw this.#explain(error, what, verb === 'writing', target, line.receivedBytes() - receivedBefore);
    } finally {
      this.#failRequest = () => {};
    }
  }

  /** What the library's error means, and whether the line can be trusted after it. */
  #explain(
    error: unknown,
    what: string,
    isWrite: boolean,
    { timeoutMs }: ModbusTarget,
    receivedBytes: number,
  ): unknown {
    const { modbusCode, errno } = error as { modbusCode?: number; errno?: unknown };
    if (modbusCode !== undefined) {
      this.#silent = 0;
      return new ModbusException(modbusCode, what);
    }
    if (errno === 'ETIMEDOUT') {
      // Bytes that are no answer would be taken for the beginning of the next one.
      if (receivedBytes > 0) this.#drop('garbage instead of an answer');
      else if (++this.#silent >= SILENCE_LIMIT) this.#drop('no answer for too long');
      const garbage = receivedBytes > 0 ? `, only ${receivedBytes} bytes that are no answer` : '';
      return unanswered(`no answer from ${this.name} within ${timeoutMs} ms ${what}${garbage}`);
    }
    if (!this.#line) {
      const message = `${this.name}: ${messageOf(error)}, ${what}`;
      // A request that was under way may have been obeyed.
      return isWrite ? unanswered(message) : unreachable(message, error);
    }
    this.#drop('a wrong answer');
    return unanswered(`${this.name} answered wrongly ${what}: ${messageOf(error)}`);
  }

  #checkCount<T extends { length: number }>(target: ModbusTarget, got: T, needed: number, exact: number): T {
    if (got.length >= needed && got.length <= exact) return got;
    this.#drop('a short answer');
    throw unanswered(
      `${this.name} answered wrongly reading ${nameOf(target)} of unit ${target.unit}: wrong length`,
    );
  }

  async #open(timeoutMs: number): Promise<Line> {
    if (this.#closed) throw unreachable(`${this.name}: the connection was closed`);
    if (this.#line) return this.#line;
    const { endpoint, clock, random } = this.#options;
    if (this.#refused && clock.monotonic() < this.#refused.until) throw this.#refused.error;
    try {
      const line = await openLine(endpoint, timeoutMs, clock);
      if (this.#closed) {
        line.close();
        throw unreachable(`${this.name}: the connection was closed`);
      }
      this.#line = line;
      line.onClosed = (reason) => this.#line === line && this.#drop(reason);
      this.#openFailures = 0;
      this.#silent = 0;
      this.#refused = undefined;
      return line;
    } catch (error) {
      const delayMs = backoffDelay(this.#openFailures++, {
        baseMs: RECONNECT_BASE_MS,
        capMs: RECONNECT_CAP_MS,
        random,
      });
      this.#refused = { until: clock.monotonic() + delayMs, error };
      throw error;
    }
  }

  /** Gives the line up; the next request opens another. */
  #drop(reason: string): void {
    const line = this.#line;
    this.#line = undefined;
    line?.close();
    this.#failRequest(new Error(reason));
  }
}
