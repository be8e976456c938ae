import { type Clock, every } from '../lib/clock.ts';
import type { Close } from '../lib/disposables.ts';
import type { Logger } from '../lib/logger.ts';
import type { BrokerLimits } from './limits.ts';
import { QueueBounds } from './queue-bounds.ts';
import { QueueRoom } from './queue-room.ts';
import { bytesOf, MAX_MESSAGE_ID, type Queued, Session, type SessionMessage } from './session.ts';

export type SessionLimits = Pick<
  BrokerLimits,
  | 'maxSessions'
  | 'sessionDays'
  | 'maxInFlight'
  | 'maxOfflineMessages'
  | 'maxOfflineBytes'
  | 'maxAllOfflineBytes'
  | 'drainTimeoutMs'
>;

/** A connection of a client that has a session. */
export interface SessionClient {
  readonly id: string;
  /** Tells it a message; `position` is its place in the queue. */
  tell(message: SessionMessage, position: number, isRepeated: boolean): void;
  disconnect(): void;
}

/** Where sessions are kept. What it is told stands in the file when `saved` resolves. */
export interface SessionFile {
  putSession(session: Session): void;
  endSession(id: string): void;
  putFilter(id: string, filter: string, qos: number): void;
  dropFilter(id: string, filter: string): void;
  putMessage(id: string, message: Queued): void;
  dropMessage(id: string, position: number): void;
}

export interface SessionsOptions {
  limits: SessionLimits;
  clock: Clock;
  logger: Logger;
  /** Left out: they end with the process. */
  file?: SessionFile;
  /** The session was away too long, and is no more. */
  onExpired(id: string): void;
}

export interface SessionFacts {
  sessions: number;
  queuedMessages: number;
  queuedBytes: number;
  /** Messages that found no room in the queue of their session. */
  droppedMessages: number;
  expiredSessions: number;
}

const HOUR_MS = 3_600_000;

/**
 * The sessions of clients that said `clean: false`, and what waits for them. aedes' own queues have no end, tell new messages
 * before old ones, and lose messages where filters overlap: so all that is for a session with QoS 1 or 2 goes through here, in
 * order, `maxInFlight` at a time.
 *
 * A full queue of an absent client loses its oldest message: who comes back wants to know how things are now. While its client is
 * there who publishes waits instead, until it is disconnected for taking nothing within `drainTimeoutMs`.
 */
export class Sessions {
  readonly #options: SessionsOptions;
  readonly #sessions = new Map<string, Session>();
  /** Clients that were admitted, and have no session yet. */
  readonly #admitted = new Set<string>();
  readonly #clients = new Map<string, SessionClient>();
  readonly #room: QueueRoom;
  readonly #bounds: QueueBounds;
  readonly #stop: Close;
  #position = 0;
  #facts = { queuedMessages: 0, queuedBytes: 0, expiredSessions: 0 };

  constructor(options: SessionsOptions) {
    this.#options = options;
    const { clock, limits } = options;
    const onStalled = (id: string) => this.#disconnect(id);
    this.#bounds = new QueueBounds({
      ...options,
      sessions: () => this.#sessions.values(),
      isThere: (id) => this.#clients.has(id),
      bytes: () => this.#facts.queuedBytes,
      drop: (session, message) => this.#remove(session, message),
    });
    this.#room = new QueueRoom({ clock, timeoutMs: limits.drainTimeoutMs, onStalled });
    this.#stop = every(clock, HOUR_MS, () => this.#age());
  }

  close(): void {
    this.#stop();
    for (const [id, client] of [...this.#clients]) this.detach(id, client);
  }

  get facts(): SessionFacts {
    return { sessions: this.#sessions.size, droppedMessages: this.#bounds.dropped, ...this.#facts };
  }

  [Symbol.iterator](): Iterator<Session> {
    return this.#sessions.values();
  }

  has(id: string): boolean {
    return this.#sessions.has(id);
  }

  /** A client asks for a session, which `open` or `dismiss` follows. False where there are as many as there may be, and it has none. */
  admit(id: string): boolean {
    if (this.has(id)) return true;
    const { maxSessions } = this.#options.limits;
    if (!this.#admitted.has(id) && this.#sessions.size + this.#admitted.size >= maxSessions) return false;
    this.#admitted.add(id);
    return true;
  }

  /** Its connection ended, maybe before it had a session. */
  dismiss(id: string): void {
    this.#admitted.delete(id);
  }

  /** The session of this name, a new one where there is none. */
  open(id: string): Session {
    this.#admitted.delete(id);
    const session = this.#sessions.get(id) ?? new Session(id);
    this.#sessions.set(id, session);
    return session;
  }

  /** What was queued before this process. It counts, and is never refused. */
  restore(id: string, message: SessionMessage & { position: number }): void {
    this.#position = Math.max(this.#position, message.position);
    this.#add(this.open(id), { ...message, isRepeated: true, isReleased: false });
  }

  end(id: string): void {
    const session = this.#sessions.get(id);
    if (!session) return;
    for (const message of [...session.messages]) this.#remove(session, message);
    this.#sessions.delete(id);
    this.#bounds.forget(id);
    this.#options.file?.endSession(id);
  }

  subscribe(id: string, filter: string, qos: number): void {
    const session = this.open(id);
    if (session.filters.get(filter) === qos) return;
    if (session.filters.size === 0) this.#options.file?.putSession(session);
    session.filters.set(filter, qos);
    this.#options.file?.putFilter(id, filter, qos);
  }

  unsubscribe(id: string, filter: string): void {
    if (this.#sessions.get(id)?.filters.delete(filter)) this.#options.file?.dropFilter(id, filter);
  }

  /** The client is there, and gets what waits for it. */
  attach(client: SessionClient): void {
    const session = this.open(client.id);
    this.#clients.set(client.id, client);
    this.#bounds.forget(client.id);
    if (session.idleHours > 0) this.#setIdle(session, 0);
    session.restart();
    this.#tell(session);
  }

  /**
   * A client went. A session with nothing to keep ends here.
   * @param client as it was attached, if it came so far: another one may have taken over its name
   */
  detach(id: string, client: SessionClient | undefined): void {
    if (this.#clients.get(id) !== client) return;
    const session = this.#sessions.get(id);
    this.#clients.delete(id);
    this.#room.free(id);
    if (!session) return;
    session.restart();
    if (session.size + session.filters.size === 0) this.end(id);
    else this.#bounds.hold(session);
  }

  /**
   * Queues a message for these sessions; at once, before the first await.
   * @param publisher its own full queue does not hold it up: it would not be read, and so could not empty it
   * @returns when there is room again in the queues of those that are there
   */
  async queue(
    ids: Iterable<readonly [id: string, qos: number]>,
    message: SessionMessage,
    publisher?: string,
  ) {
    const full: string[] = [];
    for (const [id, qos] of ids) {
      const session = this.#sessions.get(id);
      if (!session) continue;
      const { topic, payload } = message;
      const told = { topic, payload, qos: Math.min(qos, message.qos) };
      const queued = { ...told, position: ++this.#position, isRepeated: false, isReleased: false };
      this.#add(session, queued);
      this.#options.file?.putMessage(id, queued);
      this.#tell(session);
      this.#bounds.hold(session);
      if (id !== publisher && this.#clients.has(id) && this.#bounds.isFull(session)) full.push(id);
    }
    await Promise.all(full.map((id) => this.#room.wait(id)));
  }

  /** A message is about to be sent. @returns the identifier to send it with, and its QoS where it is still queued */
  send(id: string, position: number, wishedId: number): { messageId: number; qos?: number } {
    const session = this.#sessions.get(id);
    const message = session?.get(position);
    const messageId = session?.identify(message, wishedId) ?? wishedId;
    return message ? { messageId, qos: message.qos } : { messageId };
  }

  /** QoS 2: the subscriber has it, and is told once more that we know. */
  release(id: string, messageId: number): void {
    const message = this.#sessions.get(id)?.sentAs(messageId);
    if (message) message.isReleased = true;
  }

  /** Identifiers of messages that only need that last word. */
  released(id: string): number[] {
    return this.#sessions.get(id)?.restart() ?? [];
  }

  /** The subscriber has it for good. */
  acknowledge(id: string, messageId: number): void {
    const session = this.#sessions.get(id);
    const message = session?.sentAs(messageId);
    if (!session || !message) return;
    this.forget(id, message.position);
  }

  /** Takes a message from the queue, whoever has it. */
  forget(id: string, position: number): void {
    const session = this.#sessions.get(id);
    const message = session?.get(position);
    if (!session || !message) return;
    this.#remove(session, message);
    this.#tell(session);
    this.#room.progress(id, this.#bounds.isFull(session));
  }

  #tell(session: Session): void {
    const client = this.#clients.get(session.id);
    // Each in flight needs a packet identifier of its own.
    const max = Math.min(this.#options.limits.maxInFlight, MAX_MESSAGE_ID);
    while (client && session.inFlight < max) {
      const message = session.take();
      if (!message) return;
      const { isRepeated } = message;
      message.isRepeated = true;
      client.tell(message, message.position, isRepeated);
    }
  }

  #disconnect(id: string): void {
    const { limits, logger } = this.#options;
    const { drainTimeoutMs } = limits;
    logger.warn({ client: id, drainTimeoutMs }, 'mqtt client acknowledges nothing: disconnected');
    this.#clients.get(id)?.disconnect();
  }

  #add(session: Session, message: Queued): void {
    session.add(message);
    this.#facts.queuedMessages++;
    this.#facts.queuedBytes += bytesOf(message);
  }

  #remove(session: Session, message: Queued): void {
    session.remove(message);
    this.#facts.queuedMessages--;
    this.#facts.queuedBytes -= bytesOf(message);
    this.#options.file?.dropMessage(session.id, message.position);
  }

  #setIdle(session: Session, hours: number): void {
    session.idleHours = hours;
    this.#options.file?.putSession(session);
  }

  /**
   * Counts the hours that this process runs: a machine without a battery does not know the date when it starts, and nobody
   * can come back to one that is off.
   */
  #age(): void {
    const { limits, logger, onExpired } = this.#options;
    for (const session of [...this.#sessions.values()]) {
      const { id } = session;
      if (this.#clients.has(id)) continue;
      this.#setIdle(session, session.idleHours + 1);
      if (session.idleHours < limits.sessionDays * 24) continue;
      logger.warn(
        { client: id, messages: session.size, sessionDays: limits.sessionDays },
        'mqtt session expired',
      );
      this.#facts.expiredSessions++;
      this.end(id);
      onExpired(id);
    }
  }
}
