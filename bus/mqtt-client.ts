import { connect, type MqttClient } from 'mqtt';
import { messageOf, OctographError } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import { type MqttBroker, mqttOptions } from '../lib/mqtt-broker.ts';

export interface BusMessage {
  topic: string;
  payload: Buffer;
}

export interface HeardMessage extends BusMessage {
  /** The broker had kept it, and tells it because we subscribed: it may be old, and we may have heard it before. */
  isRetained: boolean;
}

export interface BusClientOptions {
  broker: MqttBroker;
  clientId: string;
  topics: string[];
  /** Begins with one message after the other; a receiver that is too far behind slows the broker down. It must not reject. */
  receive(message: HeardMessage): Promise<void>;
  logger: Logger;
}

/** MQTT 5 only: how long the broker keeps our session while we are away. MQTT 3.1.1 knows no end. */
const SESSION_SECONDS = 24 * 3600;
/** Messages that are being received; beyond it the broker waits. */
const MAX_RECEIVING = 512;
/** Messages of ours that wait for the connection; beyond it they are refused. */
const MAX_WAITING = 1_000;

/**
 * The bus's own client, of the embedded broker or an external one. Its session is persistent: what is published to us with
 * QoS 1 while this process restarts is delivered then.
 */
export class BusClient {
  readonly #client: MqttClient;
  #waiting = 0;
  #receiving = 0;
  /** Lets the next message come. */
  #resume: (() => void) | undefined;

  constructor({ broker, clientId, topics, receive, logger }: BusClientOptions) {
    const { url } = broker;
    const shared = mqttOptions(broker);
    this.#client = connect(url, {
      ...shared,
      clientId,
      clean: false,
      ...(shared.protocolVersion === 5 && { properties: { sessionExpiryInterval: SESSION_SECONDS } }),
    });
    let reason = 'not connected yet';
    this.#client.on('connect', () => {
      logger.info({ url }, 'bus connected');
      this.#client.subscribe(topics, { qos: 1 });
    });
    this.#client.on('error', (error) => {
      reason = messageOf(error);
    });
    this.#client.on('close', () => logger.debug({ url, reason }, 'bus not connected'));
    this.#client.handleMessage = ({ topic, payload, retain }, done) => {
      this.#receiving++;
      void receive({ topic, payload: Buffer.from(payload), isRetained: retain }).finally(() => {
        this.#receiving--;
        this.#resume?.();
        this.#resume = undefined;
      });
      if (this.#receiving < MAX_RECEIVING) done();
      else this.#resume = done;
    };
  }

  get isConnected(): boolean {
    return this.#client.connected;
  }

  /**
   * Resolves when the broker has it; what is published while there is no connection waits for one.
   * @throws OctographError `BUS_FULL` where as many messages as the limit wait already
   */
  async publish(topic: string, payload: string | Buffer, qos: 0 | 1 | 2 = 1, retain = false): Promise<void> {
    if (this.#waiting >= MAX_WAITING) {
      throw new OctographError(
        'BUS_FULL',
        `${topic}: ${MAX_WAITING} messages are waiting for the MQTT broker`,
      );
    }
    this.#waiting++;
    try {
      await this.#client.publishAsync(topic, payload, { qos, retain });
    } finally {
      this.#waiting--;
    }
  }

  async close(): Promise<void> {
    await this.#client.endAsync(true);
  }
}
