import { connect, type MqttClient } from 'mqtt';
import type { Close } from '../../lib/disposables.ts';
import { messageOf, OctographError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import { type MqttBroker, mqttOptions } from '../../lib/mqtt-broker.ts';

export interface MqttListener {
  message(topic: string, payload: Buffer, retained: boolean): void;
  /** The connection to the broker came up, or went down with the reason. Called once at the start if it is up. */
  link(up: boolean, reason?: string): void;
}

interface Topic {
  qos: 0 | 1 | 2;
  listeners: Set<MqttListener>;
}

const TOPICS_PER_PACKET = 100;
/** Source: MQTT 3.1.1, section 3.9.3; MQTT 5, section 3.9.3. */
const REFUSED = 0x80;

/**
 * One client of one broker, for all devices on it. It connects by itself, again and again, and its subscriptions with it.
 * Messages published while it is not connected fail: a command must not come true an hour later.
 */
export class MqttConnection {
  readonly #client: MqttClient;
  readonly #logger: Logger;
  readonly #topics = new Map<string, Topic>();
  readonly #listeners = new Set<MqttListener>();
  #reason = 'not connected yet';

  constructor(broker: MqttBroker, logger: Logger) {
    const { url } = broker;
    this.#logger = logger;
    this.#client = connect(url, {
      ...mqttOptions(broker),
      // A session of the broker's would replay what was told while we were away, as if it were now.
      clean: true,
      queueQoSZero: false,
    });
    this.#client.on('connect', () => {
      this.#subscribe(this.#topics);
      for (const listener of this.#listeners) listener.link(true);
    });
    this.#client.on('error', (error) => {
      this.#reason = messageOf(error);
    });
    this.#client.on('close', () => {
      logger.debug({ url, reason: this.#reason }, 'mqtt broker not connected');
      this.#forgetUnacknowledged();
      for (const listener of this.#listeners) listener.link(false, `broker ${url}: ${this.#reason}`);
      this.#reason = 'the connection was lost';
    });
    this.#client.on('message', (name, payload, { retain }) => {
      const listeners = this.#topics.get(name)?.listeners ?? [];
      for (const listener of listeners) listener.message(name, payload, retain === true);
    });
  }

  /** Listens on topics until the returned function is called. */
  listen(topics: Iterable<{ topic: string; qos: 0 | 1 | 2 }>, listener: MqttListener): Close {
    const names = new Map<string, Topic>();
    this.#listeners.add(listener);
    if (this.#client.connected) listener.link(true);
    for (const { topic: name, qos } of topics) {
      const topic = this.#topics.get(name) ?? { qos, listeners: new Set() };
      topic.listeners.add(listener);
      topic.qos = Math.max(topic.qos, qos) as 0 | 1 | 2;
      this.#topics.set(name, topic);
      names.set(name, topic);
    }
    // Again, though others listen there already: that makes the broker send the retained message again.
    if (this.#client.connected) this.#subscribe(names);
    return () => {
      this.#listeners.delete(listener);
      for (const name of names.keys()) this.#leave(name, listener);
    };
  }

  /**
   * Resolves when the broker has it.
   * @throws OctographError `DEVICE_UNREACHABLE` where there is no connection; `DEVICE_TIMEOUT` where it ended meanwhile, and
   * nobody knows whether the broker has it
   */
  async publish(topic: string, payload: string | Buffer, qos: 0 | 1 | 2, retain = false): Promise<void> {
    if (!this.#client.connected) {
      throw new OctographError(
        'DEVICE_UNREACHABLE',
        `${topic}: no connection to the broker: ${this.#reason}`,
      );
    }
    try {
      await this.#client.publishAsync(topic, payload, { qos, retain });
    } catch (error) {
      throw new OctographError('DEVICE_TIMEOUT', `${topic}: the broker did not acknowledge it`, {
        cause: error,
      });
    }
  }

  async close(): Promise<void> {
    this.#listeners.clear();
    this.#topics.clear();
    await this.#client.endAsync(true);
  }

  /** Many in a packet: after a reconnect there may be 10 000 of them. */
  #subscribe(topics: ReadonlyMap<string, Topic>): void {
    for (const [qos, wanted] of Map.groupBy(topics, ([, topic]) => topic.qos)) {
      for (let at = 0; at < wanted.length; at += TOPICS_PER_PACKET) {
        const names = wanted.slice(at, at + TOPICS_PER_PACKET).map(([name]) => name);
        this.#client.subscribe(names, { qos }, (_error, _subscriptions, answer) => {
          const granted = (answer?.granted ?? []) as number[];
          const refused = names.filter((_name, index) => (granted[index] ?? 0) >= REFUSED);
          if (refused.length > 0) this.#logger.warn({ topics: refused }, 'mqtt broker refuses subscriptions');
        });
      }
    }
  }

  /** The client would send them again after a reconnect, however late that is. */
  #forgetUnacknowledged(): void {
    for (const id of Object.keys(this.#client.outgoing)) this.#client.removeOutgoingMessage(Number(id));
  }

  #leave(name: string, listener: MqttListener): void {
    const topic = this.#topics.get(name);
    topic?.listeners.delete(listener);
    if (topic?.listeners.size !== 0) return;
    this.#topics.delete(name);
    if (this.#client.connected) this.#client.unsubscribe(name);
  }
}
