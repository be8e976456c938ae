import type { Clock } from '../../lib/clock.ts';
import type { Close } from '../../lib/disposables.ts';
import { OctographError } from '../../lib/errors.ts';
import type { TwinValue } from '../../twin/value.ts';
import type { DeviceSession, DeviceState, MapperEvents, Reading } from '../contract.ts';
import { MqttCalls } from './calls.ts';
import { type Decoded, decodeMessage, encodePayload } from './codec.ts';
import type { MqttConnection, MqttListener } from './connection.ts';
import type { DeviceAddress } from './device-address.ts';
import type { MqttMethod } from './method.ts';
import type { MqttVisitor } from './visitor.ts';

export interface MqttSessionOptions {
  /** `<namespace>/<name>`, for messages. */
  device: string;
  connection: MqttConnection;
  presence: DeviceAddress['presence'];
  visitors: MqttVisitor[];
  methods: MqttMethod[];
  events: MapperEvents;
  clock: Clock;
  /** Gives the connection back. */
  release: () => Promise<void>;
}

/** A command that waits for its device to say the value. */
interface Waiting {
  visitor: MqttVisitor;
  accepts(value: TwinValue): boolean;
  resolve(value: TwinValue): void;
}

export class MqttSession implements DeviceSession, MqttListener {
  readonly #options: MqttSessionOptions;
  readonly #visitors: ReadonlyMap<string, MqttVisitor>;
  /** By topic: those told there, and those answered there. */
  readonly #told: ReadonlyMap<string, MqttVisitor[]>;
  readonly #answered: ReadonlyMap<string, MqttVisitor[]>;
  readonly #lastTold = new Map<string, Reading>();
  readonly #waiting = new Set<Waiting>();
  readonly #calls: MqttCalls;
  readonly #stopListening: Close;
  #state: DeviceState = 'unknown';

  constructor(options: MqttSessionOptions) {
    const { device, visitors, methods, presence, connection } = options;
    this.#options = options;
    this.#visitors = new Map(visitors.map((visitor) => [visitor.property.name, visitor]));
    this.#told = Map.groupBy(visitors, ({ topic }) => topic);
    this.#answered = Map.groupBy(
      visitors.filter(({ set }) => set),
      ({ set, topic }) => set?.ackTopic ?? topic,
    );
    const topics = new Map<string, 0 | 1 | 2>();
    if (presence) topics.set(presence.topic, 1);
    for (const { topic, set, qos } of visitors) {
      topics.set(topic, qos);
      if (set) topics.set(set.ackTopic, qos);
    }
    for (const { responseTopic, qos } of methods) topics.set(responseTopic, qos);
    this.#calls = new MqttCalls(device, connection, methods);
    this.#stopListening = connection.listen(
      [...topics].map(([topic, qos]) => ({ topic, qos })),
      this,
    );
  }

  message(topic: string, payload: Buffer, retained: boolean): void {
    const { presence } = this.#options;
    if (topic === presence?.topic) {
      const isOnline = payload.toString('utf8').trim() === presence.online;
      this.#setState(isOnline ? 'online' : 'offline', isOnline ? undefined : `told so on ${topic}`);
    }
    this.#takeReadings(this.#told.get(topic) ?? [], payload);
    // A retained message was told before the command.
    if (retained) return;
    this.#takeAnswers(this.#answered.get(topic) ?? [], payload);
    this.#calls.take(topic, payload);
  }

  link(up: boolean, reason?: string): void {
    this.#setState(up ? 'unknown' : 'disconnected', up ? 'nothing heard of it yet' : reason);
  }

  async collect(properties: string[]): Promise<Reading[]> {
    return properties.flatMap((property) => this.#lastTold.get(property) ?? []);
  }

  async apply(property: string, value: TwinValue, signal: AbortSignal): Promise<TwinValue> {
    const { connection, device } = this.#options;
    const visitor = this.#visitors.get(property);
    if (!visitor?.set) throw new OctographError('DEVICE_REFUSED', `${device}: ${property} has no setTopic`);
    const { set } = visitor;
    const hasOwnAnswer = set.ackTopic !== visitor.topic;
    const waiting = Promise.withResolvers<TwinValue>();
    const entry: Waiting = {
      visitor,
      // On a topic of its own, whatever the device says is its answer; among its reports, only the value is.
      accepts: (told) => hasOwnAnswer || isSame(told, value),
      resolve: waiting.resolve,
    };
    this.#waiting.add(entry);
    const onAbort = () => waiting.reject(signal.reason);
    // It may be rejected while the message is still being published.
    waiting.promise.catch(() => {});
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await connection.publish(
        set.topic,
        encodePayload(visitor, set.template, value),
        visitor.qos,
        set.retain,
      );
      // A device that tells changes only will not tell what it has told already.
      const last = this.#lastTold.get(property);
      if (
        this.#state === 'online' &&
        !hasOwnAnswer &&
        last?.quality === 'GOOD' &&
        isSame(last.value, value)
      ) {
        return last.value;
      }
      return await waiting.promise;
    } finally {
      this.#waiting.delete(entry);
      signal.removeEventListener('abort', onAbort);
    }
  }

  get methods(): ReadonlySet<string> {
    return this.#calls.names;
  }

  invoke(method: string, args: Record<string, TwinValue>, signal: AbortSignal): Promise<TwinValue> {
    return this.#calls.call(method, args, signal);
  }

  async close(): Promise<void> {
    this.#stopListening();
    await this.#options.release();
  }

  #takeReadings(visitors: readonly MqttVisitor[], payload: Buffer): void {
    const { clock, events, presence } = this.#options;
    const observedAt = clock.now();
    const readings = decodeMessage(visitors, payload).flatMap(({ visitor, decoded }) =>
      readingOf(visitor.property.name, decoded, observedAt),
    );
    if (readings.length === 0) return;
    for (const reading of readings) this.#lastTold.set(reading.property, reading);
    if (!presence) this.#setState('online');
    events.report(readings);
  }

  #takeAnswers(visitors: readonly MqttVisitor[], payload: Buffer): void {
    if (this.#waiting.size === 0) return;
    for (const { visitor, decoded } of decodeMessage(visitors, payload)) {
      if (decoded.kind !== 'value') continue;
      for (const entry of this.#waiting) {
        if (entry.visitor === visitor && entry.accepts(decoded.value)) entry.resolve(decoded.value);
      }
    }
  }

  #setState(state: DeviceState, reason?: string): void {
    this.#state = state;
    this.#options.events.state(state, reason);
  }
}

function readingOf(property: string, decoded: Decoded, observedAt: number): Reading[] {
  switch (decoded.kind) {
    case 'value':
      return [{ property, value: decoded.value, quality: 'GOOD', observedAt }];
    case 'unreadable':
      return [{ property, value: null, quality: 'BAD', observedAt, raw: decoded.reason }];
    case 'absent':
      return [];
  }
}

/** The same value, or the same number as far as a device with 32-bit floats can tell. */
function isSame(told: TwinValue, wanted: TwinValue): boolean {
  if (typeof told !== 'number' || typeof wanted !== 'number') return told === wanted;
  return told === wanted || Math.fround(told) === Math.fround(wanted);
}
