import type { NodeSessionHandler } from '../tunnel/contract.ts';
import type { MessageIntake } from './message-intake.ts';
import type { NodeLinks } from './node-links.ts';
import type { Publications } from './publications.ts';

export interface NodeMessagesOptions {
  /** Who takes everything else that nodes say, and admits them. */
  inner: NodeSessionHandler;
  links: NodeLinks;
  intake: MessageIntake;
  publications: Publications;
}

/** Adds the messages of the buses to what the cloud does with its connected nodes. */
export function withNodeMessages({
  inner,
  links,
  intake,
  publications,
}: NodeMessagesOptions): NodeSessionHandler {
  return {
    ...inner,
    onConnected(session) {
      inner.onConnected(session);
      // Unless it was turned away. A node of tunnel 1.0, which tells no `lastSeq`, knows no `publish` either: it waits.
      const isHere = links.session(session.nodeName) === session;
      if (isHere && session.hello.lastSeq !== undefined) publications.connect(session);
    },
    onMessage(session, message) {
      if (message.type !== 'messages' && message.type !== 'published')
        return inner.onMessage(session, message);
      // Sent before it heard that it was turned away, or that another took its place.
      if (links.session(session.nodeName) !== session) return;
      if (message.type === 'messages') intake.take(session, message);
      else publications.onPublished(session, message);
    },
    onDisconnected(session, reason) {
      publications.disconnect(session);
      inner.onDisconnected(session, reason);
    },
  };
}
