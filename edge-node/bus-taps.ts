import { type BusTapOptions, openBusTap } from '../bus/bus-tap.ts';
import { createMessageFeed, type MessageFeed } from '../gateway/message-feed.ts';
import type { Closable } from '../lib/disposables.ts';
import { OctographError } from '../lib/errors.ts';
import type { MessageEventSource, MessageSubscription } from '../resolvers/message.ts';

export interface BusTapsOptions extends Pick<BusTapOptions, 'broker' | 'clock'> {
  nodeName: string;
  createId: (prefix: string) => string;
}

interface Tap {
  feed: MessageFeed;
  opened: Promise<Closable>;
  /** Each ends its subscription with the error. */
  listeners: Set<(error: OctographError) => void>;
}

/** Filters that are listened to at a time; each is a client of the broker. */
const MAX_TAPS = 32;

/** Subscriptions to whatever else is on the node's bus, while they last: those of one filter share one. */
export class BusTaps {
  readonly #options: BusTapsOptions;
  readonly #taps = new Map<string, Tap>();

  constructor(options: BusTapsOptions) {
    this.#options = options;
  }

  /** @throws OctographError `BUS_FULL`, `BUS_UNREACHABLE`, `BUS_REFUSED` */
  async subscribe(subscription: MessageSubscription): Promise<AsyncIterableIterator<MessageEventSource>> {
    const { filter, after } = subscription;
    const tap = this.#tapOf(filter);
    let events: AsyncIterableIterator<MessageEventSource> | undefined;
    let failure: OctographError | undefined;
    let fail: (error: OctographError) => void = () => {};
    const end = (error?: OctographError) => {
      failure = error;
      this.#release(filter, tap, end);
      void events?.return?.();
      if (error) fail(error);
    };
    tap.listeners.add(end);
    try {
      await tap.opened;
    } catch (error) {
      end();
      throw error;
    }
    // Nobody listened meanwhile: what any cursor asks for is not known.
    const source = tap.feed.subscribe({ ...subscription, after: after === undefined ? undefined : '' });
    events = source;
    const stream: AsyncIterableIterator<MessageEventSource> = {
      next: () =>
        new Promise((resolve, reject) => {
          if (failure) return reject(failure);
          fail = reject;
          source.next().then(resolve, reject);
        }),
      return: async () => {
        end();
        return { done: true, value: undefined };
      },
      [Symbol.asyncIterator]: () => stream,
    };
    return stream;
  }

  async close(): Promise<void> {
    const taps = [...this.#taps.values()];
    this.#taps.clear();
    await Promise.all(taps.map((tap) => closed(tap)));
  }

  #tapOf(filter: string): Tap {
    const known = this.#taps.get(filter);
    if (known) return known;
    const { nodeName, createId, ...bus } = this.#options;
    if (this.#taps.size >= MAX_TAPS) {
      const message = `topic ${filter}: ${MAX_TAPS} other topic filters are listened to at this node, expected fewer`;
      throw new OctographError('BUS_FULL', message);
    }
    const feed = createMessageFeed(createId('log'));
    const tap: Tap = {
      feed,
      listeners: new Set(),
      opened: openBusTap({
        ...bus,
        filter,
        onMessage: (message) => feed.publish({ nodeName, message: { ...message, at: bus.clock.now() } }),
        onLost(error) {
          for (const end of [...tap.listeners]) end(error);
        },
      }),
    };
    this.#taps.set(filter, tap);
    return tap;
  }

  #release(filter: string, tap: Tap, listener: (error: OctographError) => void): void {
    if (!tap.listeners.delete(listener) || tap.listeners.size > 0) return;
    if (this.#taps.get(filter) === tap) this.#taps.delete(filter);
    void closed(tap);
  }
}

async function closed({ opened }: Tap): Promise<void> {
  try {
    await (await opened).close();
  } catch {
    // It never opened: whoever asked was told.
  }
}
