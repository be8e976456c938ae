import { OctographError } from '../../lib/errors.ts';
import { createId } from '../../lib/ids.ts';
import type { TwinValue } from '../../twin/value.ts';
import { atPath, encodeCall, scalarOf } from './codec.ts';
import type { MqttConnection } from './connection.ts';
import { isCorrelated, type MqttMethod } from './method.ts';

interface Pending {
  id: string;
  method: MqttMethod;
  resolve(result: TwinValue): void;
  reject(error: unknown): void;
}

/** The methods of one device: requests on one topic, answers on another, joined by an id. */
export class MqttCalls {
  readonly names: ReadonlySet<string>;
  readonly #device: string;
  readonly #connection: MqttConnection;
  readonly #methods: ReadonlyMap<string, MqttMethod>;
  readonly #pending = new Set<Pending>();

  constructor(device: string, connection: MqttConnection, methods: readonly MqttMethod[]) {
    this.#device = device;
    this.#connection = connection;
    this.#methods = new Map(methods.map((method) => [method.name, method]));
    this.names = new Set(this.#methods.keys());
  }

  /** Resolves to what the device answers. @throws the signal's reason where it does not */
  async call(name: string, args: Record<string, TwinValue>, signal: AbortSignal): Promise<TwinValue> {
    const method = this.#methods.get(name);
    if (!method) throw new OctographError('DEVICE_REFUSED', `${this.#device} has no method ${name}`);
    if (!isCorrelated(method) && [...this.#pending].some((call) => call.method === method)) {
      throw new OctographError(
        'DEVICE_BUSY',
        `${this.#device}: ${name} is being called; without {{id}} in requestPayload there is one call at a time`,
      );
    }
    const id = createId('call');
    const answer = Promise.withResolvers<TwinValue>();
    // It may be rejected while the request is still being published.
    answer.promise.catch(() => {});
    const pending = { id, method, ...answer };
    const onAbort = () => answer.reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    // Before the request: the answer may be faster than the broker's acknowledgement.
    this.#pending.add(pending);
    try {
      await this.#connection.publish(method.requestTopic, encodeCall(method.template, id, args), method.qos);
      return await answer.promise;
    } finally {
      this.#pending.delete(pending);
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** What somebody published on a topic: for calls that wait for it there, perhaps the answer. */
  take(topic: string, payload: Buffer): void {
    for (const pending of this.#pending) {
      if (pending.method.responseTopic === topic) settle(pending, payload.toString('utf8'), this.#device);
    }
  }
}

function settle({ id, method, resolve, reject }: Pending, text: string, device: string): void {
  const json = parse(text);
  if (isCorrelated(method)) {
    if (atPath(json, method.idPath) !== id) return;
  } else if (json === undefined) {
    resolve(text);
    return;
  }
  const error = atPath(json, method.errorPath);
  if (error !== undefined && error !== null) {
    reject(new OctographError('DEVICE_REFUSED', `${device}, method ${method.name}: ${scalarOf(error)}`));
  } else resolve(scalarOf(atPath(json, method.resultPath)));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Not an answer in JSON: without an id it is the answer as it stands.
  }
}
