import type { EventBus } from '../bus/event-bus.ts';
import type { BusMessage } from '../bus/mqtt-client.ts';
import { createMessageFeed } from '../gateway/message-feed.ts';
import type { Clock } from '../lib/clock.ts';
import { OctographError } from '../lib/errors.ts';
import type { MqttBroker } from '../lib/mqtt-broker.ts';
import { covers } from '../lib/mqtt-topic.ts';
import type { Messages } from '../resolvers/message.ts';
import type { EdgeStore } from '../store/contract.ts';
import { BusTaps } from './bus-taps.ts';
import { LocalPublisher } from './local-publisher.ts';

export interface EdgeMessagesOptions {
  nodeName: string;
  /** Undefined: the node has no bus. */
  broker: MqttBroker | undefined;
  bus: EventBus | undefined;
  /** Topic filters of what the bus always hands on. */
  filters: readonly string[];
  store: EdgeStore;
  createId: (prefix: string) => string;
  cloudNow: () => number | undefined;
  clock: Clock;
}

export interface EdgeMessages extends Messages {
  /** The bus heard it. */
  hear(message: BusMessage): void;
  close(): Promise<void>;
}

/** The node's own bus, for the node's own API. */
export function createEdgeMessages(options: EdgeMessagesOptions): EdgeMessages {
  const { nodeName, broker, bus, filters, store, createId, cloudNow, clock } = options;
  const feed = createMessageFeed(createId('log'));
  const taps = broker && new BusTaps({ nodeName, broker, createId, clock });
  const publisher = bus && new LocalPublisher({ bus, store, clock });
  const requireOwn = (name: string) => {
    if (name === nodeName) return;
    throw new OctographError(
      'NODE_NOT_FOUND',
      `node ${name} is not here: expected ${nodeName}; ask the cloud for others`,
    );
  };
  const absent = () =>
    new OctographError(
      'BUS_ABSENT',
      `node ${nodeName} has no MQTT bus: start it with --mqtt-listen or --mqtt-url`,
    );
  return {
    cloudNow,
    hear: (message) => feed.publish({ nodeName, message: { ...message, at: clock.now() } }),
    async subscribe(subscription) {
      if (subscription.nodeName !== undefined) requireOwn(subscription.nodeName);
      if (!taps) throw absent();
      const isKept = filters.some((filter) => covers(filter, subscription.filter));
      return isKept ? feed.subscribe(subscription) : taps.subscribe(subscription);
    },
    record: (principal, key) => store.messages.record(principal, key),
    async publish(wish) {
      requireOwn(wish.nodeName);
      if (!publisher) throw absent();
      return publisher.publish(wish);
    },
    async close() {
      await taps?.close();
    },
  };
}
