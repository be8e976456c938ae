import type { Logger } from '../lib/logger.ts';
import type { BrokerLimits } from './limits.ts';
import type { Queued, Session } from './session.ts';

export interface QueueBoundsOptions {
  limits: Pick<BrokerLimits, 'maxOfflineMessages' | 'maxOfflineBytes' | 'maxAllOfflineBytes'>;
  logger: Logger;
  sessions(): Iterable<Session>;
  /** The client of the session is connected. */
  isThere(id: string): boolean;
  /** Of all queues together. */
  bytes(): number;
  drop(session: Session, message: Queued): void;
}

/** Holds queues to the limits: what is oldest goes first. */
export class QueueBounds {
  readonly #options: QueueBoundsOptions;
  /** Sessions whose full queue was told of. */
  readonly #told = new Set<string>();
  #dropped = 0;

  constructor(options: QueueBoundsOptions) {
    this.#options = options;
  }

  /** Messages that found no room. */
  get dropped(): number {
    return this.#dropped;
  }

  isFull({ size, bytes }: Session): boolean {
    const { maxOfflineMessages, maxOfflineBytes } = this.#options.limits;
    return size >= maxOfflineMessages || bytes >= maxOfflineBytes;
  }

  /** The queue, and all of them together. A client that is there has twice the room: its queue is being taken. */
  hold(session: Session): void {
    const { limits, isThere, bytes } = this.#options;
    const { maxOfflineMessages, maxOfflineBytes, maxAllOfflineBytes } = limits;
    const share = isThere(session.id) ? 2 : 1;
    while (session.size > share * maxOfflineMessages || session.bytes > share * maxOfflineBytes)
      this.#dropOldest(session);
    let goesOn = true;
    while (goesOn && bytes() > maxAllOfflineBytes) goesOn = this.#dropOldest(this.#fattest() ?? session);
  }

  /** The next full queue of the session is told of again. */
  forget(id: string): void {
    this.#told.delete(id);
  }

  /** Of the sessions whose client is away, the one with most bytes. */
  #fattest(): Session | undefined {
    const { sessions, isThere } = this.#options;
    let fattest: Session | undefined;
    for (const session of sessions())
      if (!isThere(session.id) && session.bytes > (fattest?.bytes ?? 0)) fattest = session;
    return fattest;
  }

  /** False where it has none. */
  #dropOldest(session: Session): boolean {
    const { limits, logger, drop } = this.#options;
    const message = session.oldest();
    if (!message) return false;
    drop(session, message);
    this.#dropped++;
    const { id } = session;
    if (this.#told.has(id)) return true;
    this.#told.add(id);
    const { maxOfflineMessages, maxOfflineBytes, maxAllOfflineBytes } = limits;
    logger.warn(
      { client: id, topic: message.topic, maxOfflineMessages, maxOfflineBytes, maxAllOfflineBytes },
      'mqtt session queue full: its oldest messages are dropped',
    );
    return true;
  }
}
