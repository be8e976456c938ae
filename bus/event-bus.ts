import type { Clock } from '../lib/clock.ts';
import type { Closable, Close } from '../lib/disposables.ts';
import { messageOf } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import type { MqttBroker } from '../lib/mqtt-broker.ts';
import { covers, disjoint } from '../lib/mqtt-topic.ts';
import {
  type BusDevice,
  encodeDelta,
  encodeDocument,
  encodeFailure,
  encodeMembership,
  encodeMembershipChange,
  encodeState,
  encodeTwins,
  type MsgTwin,
  RESULT_CODE,
} from './kubeedge/replies.ts';
import { type DeviceEvent, deviceTopic, nodeTopic, parseTopic, subscriptions } from './kubeedge/topics.ts';
import { parseEventId, parseStateUpdate, parseTwinUpdate, type TwinChange } from './kubeedge/twin-update.ts';
import { BusClient, type BusMessage, type HeardMessage } from './mqtt-client.ts';

/** What the bus needs of the node's twins. Declared here, implemented by the edge node. */
export interface BusTwins {
  devices(): BusDevice[];
  /** Undefined where this node has no such device. */
  twins(device: string): MsgTwin[] | undefined;
  /** Takes all of the changes or none: what the device said, and what somebody wants. Resolves when they are durable. */
  update(device: string, changes: TwinChange[]): Promise<{ ok: true } | { ok: false; reason: string }>;
  /** The device's program says how it is. Ignored where the node knows better. */
  setState(device: string, state: BusState): void;
  /** Called when what is wanted of a device has changed, whoever wants it, and when it is to be told again. */
  onWanted(listener: (device: string, before: MsgTwin, now: MsgTwin) => void): Close;
  onMembership(listener: (added: BusDevice[], removed: BusDevice[]) => void): Close;
}

/** KubeEdge's words; `ok` is `online` here. */
export const BUS_STATES = ['online', 'offline', 'unknown', 'disconnected'] as const;
export type BusState = (typeof BUS_STATES)[number];

export interface EventBusOptions {
  nodeName: string;
  broker: MqttBroker;
  twins: BusTwins;
  /** Topic filters of the messages that `onMessage` gets; what speaks of twins is never among them. */
  messages: readonly string[];
  /** Called with each message once, in the order of the broker, but for those that the broker only repeats. */
  onMessage(message: BusMessage): void;
  /** Names an event that nobody asked for. */
  createEventId: () => string;
  clock: Clock;
  logger: Logger;
}

export interface EventBus extends Closable {
  /**
   * Publishes a message of an app, on any topic. Resolves when the broker has it.
   * @throws OctographError `BUS_FULL`
   */
  publish(message: BusMessage, qos?: 0 | 1 | 2, retain?: boolean): Promise<void>;
  /** The broker is there; what is published while it is not waits for it, however long. */
  isConnected(): boolean;
}

/** KubeEdge's EventBus and DeviceTwin, as far as programs at the edge see them: the same topics, the same payloads. */
export function startEventBus(options: EventBusOptions): EventBus {
  const { nodeName, broker, twins, messages, onMessage, createEventId, clock, logger } = options;
  /** Devices by the address that their programs use: those that ask by name alone are told by name alone, too. */
  const addresses = new Map<string, Set<string>>();
  const spontaneous = () => ({ eventId: createEventId(), timestamp: clock.now() });
  const answer = (eventId: string) => ({ eventId, timestamp: clock.now() });

  const send = (topic: string, payload: string | undefined) => {
    if (payload === undefined) return;
    client.publish(topic, payload).catch((error) => {
      logger.warn({ topic, error: messageOf(error) }, 'bus message not published');
    });
  };

  const receive = async ({ topic, payload, isRetained }: HeardMessage): Promise<void> => {
    const parsed = parseTopic(topic);
    if (parsed?.kind === 'message') {
      // What is subscribed to may be wider, and the session older than the filters.
      if (!isRetained && messages.some((filter) => covers(filter, topic))) onMessage({ topic, payload });
      return;
    }
    const text = payload.toString('utf8');
    if (parsed?.kind === 'membership') return membership(text);
    if (parsed?.kind !== 'device') return undefined;
    const { event, device, address } = parsed;
    if (address !== device && twins.twins(device)) addresses.set(device, new Set([device, address]));
    return handlers[event](device, address, text);
  };

  const membership = (text: string) => {
    const request = parseEventId(text);
    const reply = request
      ? encodeMembership(answer(request.eventId), twins.devices())
      : encodeFailure(
          answer(''),
          RESULT_CODE.badRequest,
          `Unmarshal get membership info ${text} failed: not a JSON object`,
        );
    send(nodeTopic(nodeName, 'membership/get/result'), reply);
  };

  type Handler = (device: string, address: string, text: string) => Promise<void> | void;
  const handlers: Record<DeviceEvent, Handler> = {
    'twin/get'(device, address, text) {
      const request = parseEventId(text);
      const known = twins.twins(device);
      const base = answer(request?.eventId ?? '');
      const reply = !request
        ? encodeFailure(base, RESULT_CODE.badRequest, `Unmarshal twin info ${text} failed: not a JSON object`)
        : known
          ? encodeTwins(base, known)
          : encodeFailure(base, RESULT_CODE.notFound, `Device ${address} not found while getting twin`);
      send(deviceTopic(address, 'twin/get/result'), reply);
    },

    async 'twin/update'(device, address, text) {
      const request = parseTwinUpdate(text);
      const base = () => answer(request.eventId);
      const result = deviceTopic(address, 'twin/update/result');
      if (!request.ok) return send(result, encodeFailure(base(), RESULT_CODE.badRequest, request.reason));
      const before = twins.twins(device);
      if (!before) {
        const reason = 'Update rejected due to the device is not existed';
        return send(result, encodeFailure(base(), RESULT_CODE.notFound, reason));
      }
      try {
        const outcome = await twins.update(device, request.changes);
        if (!outcome.ok) return send(result, encodeFailure(base(), RESULT_CODE.badRequest, outcome.reason));
      } catch (error) {
        return send(result, encodeFailure(base(), RESULT_CODE.internal, messageOf(error)));
      }
      const after = byProperty(twins.twins(device) ?? []);
      const changed = request.changes.flatMap(({ property, expected, actual }) => {
        const twin = after.get(property);
        if (!twin) return [];
        const { timestamp: at } = base();
        return {
          ...twin,
          expected: expected === undefined ? undefined : { text: expected, at },
          actual: actual === undefined ? undefined : { text: actual, at },
        };
      });
      send(result, encodeTwins(base(), changed));
      const last = byProperty(before);
      const steps = request.changes.flatMap(({ property }) => {
        const current = after.get(property);
        return current ? { last: last.get(property), current } : [];
      });
      send(deviceTopic(address, 'twin/update/document'), encodeDocument(base(), steps));
      send(deviceTopic(address, 'twin/update/delta'), encodeDelta(spontaneous(), [...after.values()]));
    },

    'state/update'(device, address, text) {
      const said = parseStateUpdate(text);
      const state = BUS_STATES.find((known) => known === (said === 'ok' ? 'online' : said));
      // KubeEdge does not answer what it does not know.
      if (!state || !twins.twins(device)) return;
      twins.setState(device, state);
      const now = twins.devices().find(({ id }) => id === device);
      if (now) send(deviceTopic(address, 'state/update/result'), encodeState(spontaneous(), now));
    },
  };

  const client = new BusClient({
    broker,
    clientId: `octograph-bus-${nodeName}`,
    topics: disjoint([...subscriptions(nodeName), ...messages]),
    receive: async (message) => {
      try {
        await receive(message);
      } catch (error) {
        logger.error({ topic: message.topic, error: messageOf(error) }, 'bus message not taken');
      }
    },
    logger,
  });

  const closers = [
    twins.onWanted((device, before, now) => {
      for (const address of addresses.get(device) ?? [device]) {
        const steps = [{ last: before, current: now }];
        if (before !== now)
          send(deviceTopic(address, 'twin/update/document'), encodeDocument(spontaneous(), steps));
        const delta = encodeDelta(spontaneous(), twins.twins(device) ?? []);
        send(deviceTopic(address, 'twin/update/delta'), delta);
      }
    }),
    twins.onMembership((added, removed) => {
      for (const { id } of removed) addresses.delete(id);
      const change = encodeMembershipChange(spontaneous(), added, removed);
      send(nodeTopic(nodeName, 'membership/updated'), change);
    }),
  ];

  return {
    publish: ({ topic, payload }, qos, retain) => client.publish(topic, payload, qos, retain),
    isConnected: () => client.isConnected,
    async close() {
      for (const close of closers) close();
      await client.close();
    },
  };
}

const byProperty = (twins: readonly MsgTwin[]) => new Map(twins.map((twin) => [twin.property, twin]));
