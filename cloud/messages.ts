import type { MessageFeed } from '../gateway/message-feed.ts';
import type { Clock } from '../lib/clock.ts';
import { OctographError } from '../lib/errors.ts';
import type { Messages, PublicationWish } from '../resolvers/message.ts';
import type { NodeLinks } from './node-links.ts';
import type { Publications } from './publications.ts';

export interface CloudMessagesOptions {
  feed: MessageFeed;
  publications: Publications;
  links: NodeLinks;
  /** Kubernetes has a node of that name. */
  hasNode(name: string): boolean;
  clock: Clock;
}

/** Messages of all nodes' buses, and for them. */
export function createCloudMessages(options: CloudMessagesOptions): Messages {
  const { feed, publications, links, hasNode, clock } = options;
  const requireNode = (name: string) => {
    if (hasNode(name) || links.edgeNode(name)) return;
    throw new OctographError('NODE_NOT_FOUND', `node ${name} does not exist`);
  };
  return {
    cloudNow: () => clock.now(),
    async subscribe(subscription) {
      if (subscription.nodeName !== undefined) requireNode(subscription.nodeName);
      return feed.subscribe(subscription);
    },
    record: publications.record,
    async publish(wish: PublicationWish, known) {
      requireNode(wish.nodeName);
      return publications.publish(wish, known);
    },
  };
}
