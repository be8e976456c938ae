import type { BusMessage } from '../bus/mqtt-client.ts';
import type { Clock } from '../lib/clock.ts';
import type { Close } from '../lib/disposables.ts';
import { messageOf } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import type { BoxTotals, MessageStore } from '../store/contract.ts';
import type { CloudSession } from '../tunnel/contract.ts';
import { bytesOf, MAX_MESSAGE_BYTES, MESSAGE_BATCH, type NodeMessage } from '../twin/message.ts';

export interface MessageOutboxOptions {
  store: MessageStore;
  /** Bytes that are kept; beyond it, or beyond 100 000 messages, the oldest go and are counted. @default 16 MiB */
  limitBytes?: number;
  clock: Clock;
  logger: Logger;
}

const BOX = 'up';
const MAX_KEPT = 100_000;
/** Messages that wait for their commit; beyond it new ones are left out and counted, so that twins never wait behind more of them. */
const MAX_WAITING = 4_000;

/**
 * [W32] Messages of the bus that go to the cloud: kept in the store until the cloud has taken them, and sent in order, one
 * batch at a time. A new connection starts over behind the last that was taken.
 */
export class MessageOutbox {
  readonly #options: MessageOutboxOptions;
  readonly #limit: BoxTotals;
  readonly #unlisten: Close;
  #session: CloudSession | undefined;
  /** On its way: up to which message, how many, and which count of the dropped ones it bears. */
  #sent: { seq: number; items: number; dropped: number } | undefined;
  #takenSeq = 0;

  constructor(options: MessageOutboxOptions) {
    this.#options = options;
    this.#limit = { items: MAX_KEPT, bytes: options.limitBytes ?? 16 * 1024 * 1024 };
    this.#unlisten = options.store.onCommit(() => this.#pump());
  }

  /** Never waits and never throws: what cannot be kept is counted, or at least logged. */
  add(message: BusMessage): void {
    const { topic } = message;
    try {
      this.#keep(message);
    } catch (error) {
      const { logger } = this.#options;
      logger.warn({ topic, error: messageOf(error) }, 'a message could not be kept for the cloud: left out');
    }
  }

  onConnected(session: CloudSession): void {
    // Tunnel 1.0 knows no messages: they wait for a gateway that does.
    if (session.minor < 1) return;
    this.#session = session;
    this.#sent = undefined;
    this.#pump();
  }

  onTaken(seq: number): void {
    const { store } = this.#options;
    const sent = this.#sent;
    if (sent === undefined || seq < sent.seq) return;
    // What `bound` took away while it was on its way has arrived all the same.
    store.drop(store.remove(BOX, sent.seq) - sent.items);
    store.markTold(sent.dropped);
    this.#takenSeq = sent.seq;
    this.#sent = undefined;
    this.#pump();
  }

  onDisconnected(): void {
    this.#session = undefined;
  }

  /** Messages that the cloud has not taken. */
  get items(): number {
    return this.#options.store.totals(BOX).items;
  }

  close(): void {
    this.#unlisten();
    this.#session = undefined;
  }

  #keep({ topic, payload }: BusMessage): void {
    const { store, clock, logger } = this.#options;
    const bytes = bytesOf({ topic, payload });
    if (bytes > MAX_MESSAGE_BYTES) {
      const limit = MAX_MESSAGE_BYTES;
      logger.warn({ topic, bytes, limit }, 'a message is too long for the cloud: left out');
    }
    if (bytes > MAX_MESSAGE_BYTES || store.waiting() >= MAX_WAITING) {
      store.drop(1);
      return;
    }
    const message: Omit<NodeMessage, 'seq'> = { topic, payload, at: clock.now() };
    store.put(BOX, message);
    store.bound(BOX, this.#limit);
  }

  #pump(): void {
    const { store } = this.#options;
    if (!this.#session || this.#sent) return;
    const messages = store.read<Omit<NodeMessage, 'seq'>>(BOX, this.#takenSeq, MESSAGE_BATCH);
    const [dropped, droppedTold] = [store.dropped(), store.droppedTold()];
    if (messages.length === 0 && dropped === droppedTold) return;
    const seq = messages.at(-1)?.seq ?? this.#takenSeq;
    this.#sent = { seq, items: messages.length, dropped };
    this.#session.send({ type: 'messages', messages, seq, dropped, droppedTold });
  }
}
