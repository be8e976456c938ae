import type { MessageFeed } from '../gateway/message-feed.ts';
import type { NodeSession } from '../tunnel/contract.ts';
import type { MessagesUp } from '../tunnel/messages.ts';

interface Position {
  storeId: string;
  seq: number;
  /** What the node's store dropped, as subscribers know it. */
  dropped: number;
}

/**
 * [W32] Messages of the nodes' buses on their way to the subscribers. What comes again, after a link that broke before the
 * acknowledgement, is not told again.
 */
export class MessageIntake {
  readonly #feed: MessageFeed;
  /** How far each node's store was heard, since this gateway started. */
  readonly #positions = new Map<string, Position>();

  constructor(feed: MessageFeed) {
    this.#feed = feed;
  }

  take(session: NodeSession, { messages, seq, dropped, droppedTold }: MessagesUp): void {
    const { nodeName, hello } = session;
    const known = this.#positions.get(nodeName);
    const heard =
      known?.storeId === hello.storeId ? known : { storeId: hello.storeId, seq: 0, dropped: droppedTold };
    // The oldest go first: what is missing is missing before what is left.
    if (dropped > heard.dropped) this.#feed.publish({ nodeName, gap: { dropped: dropped - heard.dropped } });
    for (const { seq: at, ...message } of messages) {
      if (at > heard.seq) this.#feed.publish({ nodeName, message });
    }
    this.#positions.set(nodeName, {
      storeId: hello.storeId,
      seq: Math.max(heard.seq, seq),
      dropped: Math.max(heard.dropped, dropped),
    });
    session.send({ type: 'taken', seq });
  }
}
