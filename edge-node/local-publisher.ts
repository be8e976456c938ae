import type { EventBus } from '../bus/event-bus.ts';
import type { Clock } from '../lib/clock.ts';
import { codeOf, messageOf, OctographError } from '../lib/errors.ts';
import { type PublicationOutcome, type PublicationWish, recordOf } from '../resolvers/message.ts';
import type { EdgeStore } from '../store/contract.ts';

export interface LocalPublisherOptions {
  bus: Pick<EventBus, 'publish' | 'isConnected'>;
  store: Pick<EdgeStore, 'messages' | 'durable'>;
  clock: Clock;
}

/** Milliseconds that the broker has at least: there is no queue here that would keep the message for later. */
const LEAST_MS = 1_000;

/** Publishes on the node's own bus at once, or not at all; the same key is published once. */
export class LocalPublisher {
  readonly #options: LocalPublisherOptions;
  /** Under way, by principal and key. */
  readonly #running = new Map<string, Promise<PublicationOutcome>>();

  constructor(options: LocalPublisherOptions) {
    this.#options = options;
  }

  /** @throws OctographError `BUS_UNREACHABLE`, `BUS_FULL`, `BUS_REFUSED`, `BUS_TIMEOUT` */
  async publish(wish: PublicationWish): Promise<PublicationOutcome> {
    const { principal, idempotencyKey } = wish;
    if (idempotencyKey === undefined) return this.#publish(wish);
    const key = JSON.stringify([principal, idempotencyKey]);
    const running = this.#running.get(key) ?? this.#publish(wish).finally(() => this.#running.delete(key));
    this.#running.set(key, running);
    return running;
  }

  async #publish(wish: PublicationWish): Promise<PublicationOutcome> {
    const { bus, store, clock } = this.#options;
    const { id, topic, payload, qos, retain, timeoutMs } = wish;
    if (!bus.isConnected()) {
      throw new OctographError('BUS_UNREACHABLE', `${topic}: the node is not connected to its MQTT broker`);
    }
    const timedOut = Promise.withResolvers<never>();
    const waitMs = Math.max(timeoutMs, LEAST_MS);
    const cancel = clock.setTimer(waitMs, () => {
      const message = `${topic}: the MQTT broker said nothing within ${waitMs} ms; it may have it all the same`;
      timedOut.reject(new OctographError('BUS_TIMEOUT', message));
    });
    try {
      await Promise.race([
        bus.publish({ topic, payload: Buffer.from(payload) }, qos, retain),
        timedOut.promise,
      ]);
    } catch (error) {
      if (codeOf(error) === 'BUS_FULL' || codeOf(error) === 'BUS_TIMEOUT') throw error;
      throw new OctographError('BUS_REFUSED', `${topic}: ${messageOf(error)}`);
    } finally {
      cancel();
    }
    const record = recordOf(wish, 'PUBLISHED', clock.now());
    if (record) {
      store.messages.putRecord(record);
      await store.durable();
    }
    return { kind: 'MessagePublished', id };
  }
}
