import { covers } from '../lib/mqtt-topic.ts';
import type { MessageEventSource, MessageSubscription } from '../resolvers/message.ts';
import type { LiveEvent } from './live/live-event.ts';
import { createLiveLog } from './live/live-log.ts';

/** What a node's bus said, or that something of it is missing. Immutable: many subscribers hold the same one. */
export type NodeNews =
  | { nodeName: string; message: { topic: string; payload: Uint8Array; at: number } }
  | { nodeName: string; gap: { dropped: number } };

export interface MessageFeed {
  publish(news: NodeNews): void;
  subscribe(subscription: MessageSubscription): AsyncIterableIterator<MessageEventSource>;
}

/** Messages kept for those who resume, and queued for a slow subscriber: of the longest ones 128 MB. */
const LIMIT = 1000;

/**
 * The live log behind the subscription `messages`, in the cloud and at the edge: a set without members, all of whose changes are news.
 * @param epoch names this process's log: a cursor of another one is foreign here
 */
export function createMessageFeed(epoch: string): MessageFeed {
  const log = createLiveLog<NodeNews, NodeNews, MessageSubscription, MessageEventSource>({
    epoch,
    limit: LIMIT,
    present: eventOf,
    viewOf: ({ filter, nodeName }) => ({
      scope: JSON.stringify([filter, nodeName ?? null]),
      members: () => [],
      stepsOf: (news) => (concerns(news, filter, nodeName) ? [{ kind: 'UPDATED', value: news }] : []),
    }),
  });
  return {
    publish: (news) => log.publish(news),
    subscribe: (subscription) => log.subscribe({ ...subscription, queueLimit: LIMIT }),
  };
}

function concerns(news: NodeNews, filter: string, nodeName: string | undefined): boolean {
  if (nodeName !== undefined && nodeName !== news.nodeName) return false;
  // Nobody knows what the missing ones said: whoever listens to the node may have wanted them.
  return 'gap' in news || covers(filter, news.message.topic);
}

/** There is nothing to show of the time before: the end of the empty snapshot is where it begins. */
function eventOf(event: LiveEvent<NodeNews>): MessageEventSource {
  const { cursor } = event;
  if ('value' in event) return { kind: 'gap' in event.value ? 'GAP' : 'MESSAGE', cursor, ...event.value };
  return event.kind === 'SNAPSHOT_END' ? { kind: 'SUBSCRIBED', cursor } : event;
}
