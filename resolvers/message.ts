import { OctographError } from '../lib/errors.ts';
import { topicFilterProblem } from '../lib/mqtt-topic.ts';
import type { PublicationRecord, Qos, Refusal } from '../twin/message.ts';
import type { Context } from './context.ts';

export const MESSAGE_EVENT_KINDS = ['SUBSCRIBED', 'MESSAGE', 'GAP', 'RESET'] as const;

export interface MessageEventSource {
  kind: (typeof MESSAGE_EVENT_KINDS)[number];
  cursor: string;
  /** Of a GAP: undefined where this subscriber was too slow, else the node whose store dropped. */
  nodeName?: string;
  message?: { topic: string; payload: Uint8Array; at: number };
  gap?: { dropped: number };
}

export interface MessageSubscription {
  /** A good topic filter. */
  filter: string;
  /** Undefined: of all nodes. */
  nodeName?: string;
  after?: string;
}

/** A message that may be published, checked. */
export interface PublicationWish {
  id: string;
  nodeName: string;
  topic: string;
  payload: Uint8Array;
  qos: Qos;
  retain: boolean;
  /** Milliseconds since the epoch, in the cloud's time. */
  expiresAt: number;
  timeoutMs: number;
  principal: string;
  idempotencyKey?: string;
  /** What is asked, so that a key that is used for something else is found out. */
  digest: string;
}

/** What is kept of it by its key, from `createdAt` on, wall clock, milliseconds; undefined where it has none. */
export function recordOf(
  { id, principal, idempotencyKey, expiresAt, digest }: PublicationWish,
  state: PublicationRecord['state'],
  createdAt: number,
): PublicationRecord | undefined {
  if (idempotencyKey === undefined) return undefined;
  return { id, principal, idempotencyKey, createdAt, expiresAt, digest, state };
}

export type PublicationOutcome =
  | { kind: 'MessagePublished'; id: string }
  | { kind: 'MessageStored'; id: string; expiresAt: number }
  | ({ kind: 'MessageRejected' } & Refusal);

/** Messages of the nodes' MQTT buses, in both directions. */
export interface Messages {
  /** The cloud's time, milliseconds: of what has an end. Undefined at a node that has not heard it since its start. */
  cloudNow(): number | undefined;
  /** @throws OctographError `FORBIDDEN`, `NODE_NOT_FOUND`; `BUS_…` at the edge */
  subscribe(subscription: MessageSubscription): Promise<AsyncIterableIterator<MessageEventSource>>;
  /** The publication of that principal with that key, as far as it got. */
  record(principal: string, idempotencyKey: string): PublicationRecord | undefined;
  /** @param known the record of the same request that was made before and is still on its way */
  publish(wish: PublicationWish, known?: PublicationRecord): Promise<PublicationOutcome>;
}

export async function subscribeMessages(
  args: { topic: string; nodeName?: string | null; after?: string | null },
  { messages }: Context,
): Promise<AsyncIterableIterator<MessageEventSource>> {
  const problem = topicFilterProblem(args.topic);
  if (problem !== undefined) {
    throw new OctographError('BAD_USER_INPUT', `topic is ${JSON.stringify(args.topic)}: ${problem}`);
  }
  return messages.subscribe({
    filter: args.topic,
    nodeName: args.nodeName ?? undefined,
    after: args.after ?? undefined,
  });
}

export const PAYLOAD_ENCODINGS = ['TEXT', 'BASE64'] as const;
export type PayloadEncoding = (typeof PAYLOAD_ENCODINGS)[number];

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Text where the bytes are UTF-8, else base64. */
export function payloadOf(bytes: Uint8Array): { payload: string; encoding: PayloadEncoding } {
  try {
    return { payload: utf8.decode(bytes), encoding: 'TEXT' };
  } catch {
    // No text: that is what the other encoding is for.
    return { payload: Buffer.from(bytes).toString('base64'), encoding: 'BASE64' };
  }
}
