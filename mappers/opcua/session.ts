import type { Clock } from '../../lib/clock.ts';
import type { Close } from '../../lib/disposables.ts';
import { OctographError } from '../../lib/errors.ts';
import type { TwinValue } from '../../twin/value.ts';
import type { BrowsedNode, DeviceSession, MapperEvents, Reading } from '../contract.ts';
import type { OpcuaConnection, OpcuaListener } from './connection.ts';
import type { NodeValue } from './messages.ts';
import type { OpcuaMethod } from './method.ts';
import type { OpcuaVisitor } from './visitor.ts';

export interface OpcuaSessionOptions {
  /** `<namespace>/<name>`, for messages. */
  device: string;
  connection: OpcuaConnection;
  publishingMs: number;
  visitors: OpcuaVisitor[];
  methods: OpcuaMethod[];
  events: MapperEvents;
  clock: Clock;
  /** Gives the connection back. */
  release: () => Promise<void>;
}

/** What a write left behind for the notifications that follow it. */
interface Written {
  observedAt: number;
  /** Monotonic milliseconds. */
  until: number;
}

/** A notification may be on its way for two publishing intervals and this. */
const IN_FLIGHT_MS = 1_000;
/** `ObjectsFolder`. Source: OPC 10000-5, 8.2. */
const ROOT = 'i=85';

export class OpcuaSession implements DeviceSession, OpcuaListener {
  readonly methods: ReadonlySet<string>;
  readonly #options: OpcuaSessionOptions;
  readonly #visitors: ReadonlyMap<string, OpcuaVisitor>;
  readonly #calls: ReadonlyMap<string, OpcuaMethod>;
  readonly #written = new Map<string, Written>();
  readonly #unsubscribe: Close;

  constructor(options: OpcuaSessionOptions) {
    const { visitors, methods, connection, publishingMs } = options;
    this.#options = options;
    this.#visitors = new Map(visitors.map((visitor) => [visitor.property, visitor]));
    this.#calls = new Map(methods.map((method) => [method.name, method]));
    this.methods = new Set(this.#calls.keys());
    const items = visitors.map(({ nodeId, type, samplingMs, deadband }) => ({
      nodeId,
      type,
      samplingMs,
      deadband,
    }));
    this.#unsubscribe = connection.subscribe(publishingMs, items, this);
  }

  values(values: NodeValue[]): void {
    const { visitors, events } = this.#options;
    const readings = toReadings(visitors, values).filter((reading) => !this.#isOvertaken(reading));
    if (readings.length > 0) events.report(readings);
  }

  link(up: boolean, reason?: string): void {
    this.#options.events.state(up ? 'online' : 'disconnected', reason);
  }

  async collect(properties: string[], signal: AbortSignal): Promise<Reading[]> {
    const visitors = properties.flatMap((property) => this.#visitors.get(property) ?? []);
    if (visitors.length === 0) return [];
    return toReadings(
      visitors,
      await this.#options.connection.request({ kind: 'read', nodes: visitors.map(nodeOf) }, signal),
    );
  }

  async apply(property: string, value: TwinValue, signal: AbortSignal): Promise<TwinValue> {
    const { connection, device, clock, publishingMs } = this.#options;
    const visitor = this.#visitors.get(property);
    if (!visitor) throw new OctographError('DEVICE_REFUSED', `${device}: ${property} has no visitor`);
    const written = await connection.request({ kind: 'write', node: nodeOf(visitor), value }, signal);
    const until = clock.monotonic() + 2 * publishingMs + IN_FLIGHT_MS;
    this.#written.set(property, { observedAt: written[3], until });
    return written[1];
  }

  async invoke(name: string, args: Record<string, TwinValue>, signal: AbortSignal): Promise<TwinValue> {
    const { connection, device } = this.#options;
    const method = this.#calls.get(name);
    if (!method) throw new OctographError('DEVICE_REFUSED', `${device} has no method ${name}`);
    const { objectId, methodId } = method;
    return connection.request({ kind: 'call', objectId, methodId, args }, signal);
  }

  browse(node: string = ROOT, signal: AbortSignal): Promise<BrowsedNode[]> {
    return this.#options.connection.request({ kind: 'browse', nodeId: node }, signal);
  }

  async close(): Promise<void> {
    this.#unsubscribe();
    await this.#options.release();
  }

  /** A sample that waited in the server while a newer value was written and read back: it would look like a drift. */
  #isOvertaken({ property, observedAt }: Reading): boolean {
    const written = this.#written.get(property);
    if (!written) return false;
    if (this.#options.clock.monotonic() <= written.until) return observedAt < written.observedAt;
    this.#written.delete(property);
    return false;
  }
}

const nodeOf = ({ nodeId, type }: OpcuaVisitor) => ({ nodeId, type });

const toReadings = (visitors: readonly OpcuaVisitor[], values: readonly NodeValue[]): Reading[] =>
  values.flatMap(([index, value, quality, observedAt, raw]) => {
    const property = visitors[index]?.property;
    return property === undefined ? [] : [{ property, value, quality, observedAt, raw }];
  });
