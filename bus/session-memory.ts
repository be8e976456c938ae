import { Readable } from 'node:stream';
import type { SessionMessage } from './session.ts';
import type { Sessions } from './sessions.ts';

interface Owner {
  id: string;
}

interface Subscription {
  topic: string;
  qos: number;
}

/** What aedes hands to its persistence: a message, or the last word of QoS 2. */
interface Packet extends SessionMessage {
  cmd?: string;
  messageId?: number;
  brokerId?: string;
  brokerCounter?: number;
  clientId?: string;
  dup?: boolean;
}

/** The methods of aedes' persistence that keep sessions. */
export interface SessionMemory {
  addSubscriptions(client: Owner, subscriptions: Subscription[]): Promise<void>;
  removeSubscriptions(client: Owner, topics: string[]): Promise<void>;
  cleanSubscriptions(client: Owner): Promise<void>;
  cleanIncoming(client: Owner): Promise<void>;
  incomingStorePacket(client: Owner, packet: Packet): Promise<void>;
  outgoingEnqueue(subscription: unknown, packet: Packet): Promise<void>;
  outgoingEnqueueCombi(
    subscriptions: Array<{ clientId: string; qos: number }>,
    packet: Packet,
  ): Promise<void>;
  outgoingUpdate(client: Owner, packet: Packet): Promise<void>;
  outgoingClearMessageId(client: Owner, packet: Packet): Promise<unknown>;
  outgoingStream(client: Owner): Readable;
}

export interface SessionMemoryOptions {
  sessions: Sessions;
  /** aedes stores all subscriptions of a packet, also those that were refused. */
  isGranted(client: Owner, filter: string): boolean;
  /** The publisher of a packet must not wait for a full queue. */
  isNeverHeldUp(clientId: string): boolean;
  /** Resolves when what was told to the sessions' file is in it. */
  saved(): Promise<void>;
}

/** The broker that a message seems to come from while a session tells it: so aedes' own forwarding is told from it. */
export const FROM_SESSION = 'session';

/** Puts our sessions in the place of aedes' queues. @returns whether a message went to the session of a client */
export function keepSessions(
  memory: SessionMemory,
  { sessions, isGranted, isNeverHeldUp, saved }: SessionMemoryOptions,
): (payload: object, clientId: string) => boolean {
  /** Who has a message in a queue. The payload is the one thing that aedes hands on as it is. */
  const queuedFor = new WeakMap<object, ReadonlyMap<string, number>>();
  const { addSubscriptions, removeSubscriptions, cleanSubscriptions, incomingStorePacket } = memory;

  memory.addSubscriptions = async (client, subscriptions) => {
    const granted = subscriptions.filter(({ topic }) => isGranted(client, topic));
    for (const { topic, qos } of granted) sessions.subscribe(client.id, topic, qos);
    await addSubscriptions.call(memory, client, granted);
    await saved();
  };
  memory.removeSubscriptions = async (client, topics) => {
    for (const topic of topics) sessions.unsubscribe(client.id, topic);
    await removeSubscriptions.call(memory, client, topics);
    await saved();
  };
  memory.cleanSubscriptions = async (client) => {
    sessions.end(client.id);
    await cleanSubscriptions.call(memory, client);
  };
  // Only that it was there is ever asked.
  memory.incomingStorePacket = (client, { topic, qos, messageId }) =>
    incomingStorePacket.call(memory, client, { topic, qos, messageId, payload: NOTHING });

  memory.outgoingEnqueueCombi = (subscriptions, packet) => {
    const ids = new Map<string, number>();
    for (const { clientId, qos } of subscriptions) {
      if (sessions.has(clientId)) ids.set(clientId, Math.max(qos, ids.get(clientId) ?? 0));
    }
    if (ids.size > 0) queuedFor.set(packet.payload, ids);
    const { clientId } = packet;
    const queued = sessions.queue(ids, packet, clientId);
    return clientId !== undefined && isNeverHeldUp(clientId) ? Promise.resolve() : queued;
  };
  // Only the sessions themselves tell messages one by one: those are in their queues.
  memory.outgoingEnqueue = async () => {};
  memory.outgoingUpdate = async (client, packet) => {
    const { cmd, brokerCounter = 0, messageId = 0 } = packet;
    if (cmd === 'pubrel') return sessions.release(client.id, messageId);
    Object.assign(packet, sessions.send(client.id, brokerCounter, messageId));
  };
  memory.outgoingClearMessageId = async (client, { messageId }) => {
    if (messageId !== undefined) sessions.acknowledge(client.id, messageId);
  };
  memory.outgoingStream = ({ id }) =>
    Readable.from(sessions.released(id).map((messageId) => ({ cmd: 'pubrel', messageId })));

  return (payload, clientId) => queuedFor.get(payload)?.has(clientId) ?? false;
}

const NOTHING = Buffer.alloc(0);
