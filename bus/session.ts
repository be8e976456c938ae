/** A message for one session. */
export interface SessionMessage {
  topic: string;
  payload: Buffer;
  qos: number;
}

/** One that its subscriber has not acknowledged. */
export interface Queued extends SessionMessage {
  /** Its place among all messages that were ever queued, of all sessions; from 1. */
  readonly position: number;
  /** Packet identifier; undefined while it was not sent in this process. */
  messageId?: number;
  /** It was sent before: the subscriber may have it. */
  isRepeated: boolean;
  /** QoS 2: the subscriber has it, and waits for our last word. */
  isReleased: boolean;
}

export const bytesOf = ({ topic, payload }: SessionMessage): number =>
  Buffer.byteLength(topic) + payload.length;

/** Packet identifiers are 16 bits, without 0. Source: MQTT 3.1.1, section 2.3.1. */
export const MAX_MESSAGE_ID = 65_535;

/** What a client that said `clean: false` finds again: its subscriptions, and its messages in their order. */
export class Session {
  readonly id: string;
  /** Subscriptions: the filter, and its QoS. */
  readonly filters = new Map<string, number>();
  /** Hours that the broker ran since its client went. */
  idleHours = 0;
  readonly #queue = new Map<number, Queued>();
  readonly #sent = new Map<number, Queued>();
  #unsent = new Set<Queued>();
  #bytes = 0;

  constructor(id: string) {
    this.id = id;
  }

  get size(): number {
    return this.#queue.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Messages that were sent over this connection, and not acknowledged. */
  get inFlight(): number {
    return this.#queue.size - this.#unsent.size;
  }

  get messages(): Iterable<Queued> {
    return this.#queue.values();
  }

  get(position: number): Queued | undefined {
    return this.#queue.get(position);
  }

  sentAs(messageId: number): Queued | undefined {
    return this.#sent.get(messageId);
  }

  add(message: Queued): void {
    this.#queue.set(message.position, message);
    this.#unsent.add(message);
    this.#bytes += bytesOf(message);
  }

  remove(message: Queued): void {
    if (!this.#queue.delete(message.position)) return;
    this.#unsent.delete(message);
    if (message.messageId !== undefined) this.#sent.delete(message.messageId);
    this.#bytes -= bytesOf(message);
  }

  /** The message that goes first where there is no room: what is on its way stays as long as anything else is there. */
  oldest(): Queued | undefined {
    for (const message of this.#unsent) return message;
    for (const message of this.#queue.values()) return message;
    return undefined;
  }

  /** The client is there again: everything is to be sent once more, in order. @returns identifiers that only need our last word */
  restart(): number[] {
    const messages = [...this.#queue.values()];
    this.#unsent = new Set(messages.filter(({ isReleased }) => !isReleased));
    return messages.flatMap(({ isReleased, messageId }) => (isReleased && messageId ? [messageId] : []));
  }

  /** The next message to be sent; from here on it is in flight. */
  take(): Queued | undefined {
    for (const message of this.#unsent) {
      this.#unsent.delete(message);
      return message;
    }
    return undefined;
  }

  /** The identifier to send it with: its old one, or the wished for, or the next that is free. */
  identify(message: Queued | undefined, wished: number): number {
    if (message?.messageId !== undefined) return message.messageId;
    let id = wished;
    while (this.#sent.has(id)) id = (id % MAX_MESSAGE_ID) + 1;
    if (message) {
      message.messageId = id;
      this.#sent.set(id, message);
    }
    return id;
  }
}
