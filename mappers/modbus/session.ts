import type { Clock } from '../../lib/clock.ts';
import { codeOf, messageOf, OctographError } from '../../lib/errors.ts';
import type { TwinValue } from '../../twin/value.ts';
import type { DeviceSession, Reading } from '../contract.ts';
import { decodeBits, decodeRegisters, encodeBits, encodeRegisters } from './codec.ts';
import type { ModbusConnection, ModbusTarget, Requests } from './connection.ts';
import { ModbusException } from './errors.ts';
import { alone, planReads, type Read, splitRead } from './read-plan.ts';
import { factsOf, nameOf, type Span } from './register.ts';
import type { ModbusVisitor } from './visitor.ts';

export interface ModbusSessionOptions {
  /** `<namespace>/<name>`, for messages. */
  device: string;
  connection: ModbusConnection;
  unit: number;
  timeoutMs: number;
  visitors: ModbusVisitor[];
  clock: Clock;
  /** Gives the connection back. */
  release: () => Promise<void>;
}

type VisitorRead = Read<ModbusVisitor>;

/** A device that leaves so many requests in a row unanswered is away; one alone may be a register that it will not answer. */
const UNANSWERED_LIMIT = 2;

export class ModbusSession implements DeviceSession {
  readonly #options: ModbusSessionOptions;
  readonly #visitors: ReadonlyMap<string, ModbusVisitor>;
  /** By the properties asked for; what the device taught us about merging is kept here. */
  readonly #plans = new Map<string, VisitorRead[]>();

  constructor(options: ModbusSessionOptions) {
    this.#options = options;
    this.#visitors = new Map(options.visitors.map((visitor) => [visitor.property, visitor]));
  }

  async collect(properties: string[], signal: AbortSignal): Promise<Reading[]> {
    const key = properties.join('\n');
    const plan = this.#plans.get(key) ?? planReads(this.#visited(properties));
    const learned: VisitorRead[] = [];
    const readings: Reading[] = [];
    let unanswered = 0;
    let answered = false;
    for (const read of plan) {
      try {
        const outcome = await this.#read(read, signal);
        readings.push(...outcome.readings);
        learned.push(...outcome.learned);
        answered = true;
        unanswered = 0;
      } catch (error) {
        unanswered++;
        const isAway = codeOf(error) === 'DEVICE_UNREACHABLE' || signal.aborted;
        if (isAway || unanswered === UNANSWERED_LIMIT || (!answered && read === plan.at(-1))) throw error;
        readings.push(...read.parts.map((part) => this.#unread(part, error)));
        learned.push(read);
      }
    }
    this.#plans.set(key, learned);
    return readings;
  }

  async apply(property: string, value: TwinValue, signal: AbortSignal): Promise<TwinValue> {
    const { connection, device } = this.#options;
    const visitor = this.#visitors.get(property);
    if (!visitor) throw new OctographError('DEVICE_REFUSED', `${device}: ${property} has no visitor`);
    const { maxWrite } = factsOf(visitor.kind);
    if (visitor.count > maxWrite) {
      const reason = maxWrite === 0 ? 'can only be read' : `cannot be written at once: at most ${maxWrite}`;
      throw new OctographError('DEVICE_REFUSED', `${property}: ${nameOf(visitor)} ${reason}`);
    }
    const target = this.#targetOf(visitor);
    return connection.run(signal, async (requests) => {
      if (factsOf(visitor.kind).isBit) await requests.writeBits(target, encodeBits(visitor, value));
      else {
        // One bit is written by writing the register around it, so that must be read first.
        const current = visitor.format === 'bit' ? await requests.readRegisters(target) : undefined;
        await requests.writeRegisters(target, encodeRegisters(visitor, value, current));
      }
      const [reading] = await this.#request(requests, alone(visitor));
      return reading?.value ?? null;
    });
  }

  async close(): Promise<void> {
    await this.#options.release();
  }

  #visited(properties: string[]): ModbusVisitor[] {
    return properties.flatMap((property) => this.#visitors.get(property) ?? []);
  }

  /** One read of the plan; where the device refuses it as a whole, its parts one by one. */
  async #read(
    read: VisitorRead,
    signal: AbortSignal,
  ): Promise<{ readings: Reading[]; learned: VisitorRead[] }> {
    try {
      return { readings: await this.#inTurn(read, signal), learned: [read] };
    } catch (error) {
      if (!(error instanceof ModbusException && error.isLocal)) throw error;
      const [only] = read.parts;
      if (only && read.parts.length === 1) return { readings: [this.#unread(only, error)], learned: [read] };
    }
    const failed = new Set<ModbusVisitor>();
    const readings: Reading[] = [];
    for (const part of read.parts) {
      const outcome = await this.#read(alone(part), signal);
      if (outcome.readings.some(({ quality }) => quality === 'BAD')) failed.add(part);
      readings.push(...outcome.readings);
    }
    return { readings, learned: splitRead(read, failed) };
  }

  #inTurn(read: VisitorRead, signal: AbortSignal): Promise<Reading[]> {
    return this.#options.connection.run(signal, (requests) => this.#request(requests, read));
  }

  async #request(requests: Requests, read: VisitorRead): Promise<Reading[]> {
    const target = this.#targetOf(read);
    const decode = factsOf(read.kind).isBit
      ? bitDecoder(read, await requests.readBits(target))
      : registerDecoder(read, await requests.readRegisters(target));
    const observedAt = this.#options.clock.now();
    return read.parts.map((part) => ({
      property: part.property,
      value: decode(part),
      quality: 'GOOD',
      observedAt,
    }));
  }

  #targetOf({ kind, address, count }: Span): ModbusTarget {
    const { unit, timeoutMs } = this.#options;
    return { kind, address, count, unit, timeoutMs };
  }

  #unread(part: ModbusVisitor, error: unknown): Reading {
    const observedAt = this.#options.clock.now();
    return { property: part.property, value: null, quality: 'BAD', observedAt, raw: messageOf(error) };
  }
}

/** Each part has its own piece of the read's answer. */
const bitDecoder = (read: Span, bits: boolean[]) => (part: ModbusVisitor) => {
  const start = part.address - read.address;
  return decodeBits(part, bits.slice(start, start + part.count));
};

const registerDecoder = (read: Span, bytes: Buffer) => (part: ModbusVisitor) => {
  const start = (part.address - read.address) * 2;
  return decodeRegisters(part, bytes.subarray(start, start + part.count * 2));
};
