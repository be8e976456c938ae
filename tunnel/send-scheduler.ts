import { SendWindow } from './credit.ts';
import { fragmentAt, type WireMessage } from './fragments.ts';
import { type Channel, encodeFrame } from './frame.ts';
import { MAX_QUEUED_BYTES } from './limits.ts';
import type { SocketLike } from './socket.ts';

/** While the socket holds this much, fragments wait here, where a control frame can overtake them. */
const SOCKET_LIMIT_BYTES = 64 * 1024;

/** Control frames waiting at most; only a peer that asks and never reads gets there. */
const MAX_CONTROL_FRAMES = 1024;

interface Outgoing {
  message: WireMessage;
  offset: number;
  taken?: () => void;
}

export interface SendSchedulerOptions {
  socket: SocketLike;
  /** More is waiting than the bounds allow. Called at most once; nothing is sent after it. */
  overflow(waiting: string): void;
}

/** [W18] Decides what goes next: control frames first, then one fragment of each channel in turn. */
export class SendScheduler {
  readonly #options: SendSchedulerOptions;
  readonly #control: Uint8Array[] = [];
  readonly #queues: Record<Channel, Outgoing[]> = { sync: [], graphql: [] };
  readonly #windows: Record<Channel, SendWindow> = { sync: new SendWindow(), graphql: new SendWindow() };
  #turn: Channel = 'graphql';
  #queuedBytes = 0;
  #bytesSent = 0;
  #closed = false;

  constructor(options: SendSchedulerOptions) {
    this.#options = options;
  }

  /** Bytes waiting here and in the socket. */
  get bufferedBytes(): number {
    return this.#queuedBytes + this.#options.socket.bufferedBytes;
  }

  /** Bytes of frames given to the socket. */
  get bytesSent(): number {
    return this.#bytesSent;
  }

  sendControl(frame: Uint8Array): void {
    if (this.#closed) return;
    this.#control.push(frame);
    if (this.#control.length > MAX_CONTROL_FRAMES) this.#overflow(`${this.#control.length} control frames`);
    else this.#pump();
  }

  /** `taken` is called when the socket has the last byte. */
  sendMessage(channel: Channel, message: WireMessage, taken?: () => void): void {
    if (this.#closed) return;
    this.#queues[channel].push({ message, offset: 0, taken });
    this.#queuedBytes += message.bytes.byteLength;
    if (this.#queuedBytes > MAX_QUEUED_BYTES) this.#overflow(`${this.#queuedBytes} bytes`);
    else this.#pump();
  }

  grant(channel: Channel, bytes: number): void {
    this.#windows[channel].grant(bytes);
    this.#pump();
  }

  /** Control frames that wait are sent, whatever lies in the socket: a goodbye among them. The rest is dropped. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const frame of this.#control.splice(0)) this.#send(frame, () => {});
    this.#queues.sync = [];
    this.#queues.graphql = [];
    this.#queuedBytes = 0;
  }

  #pump = (): void => {
    const { socket } = this.#options;
    while (!this.#closed && socket.bufferedBytes < SOCKET_LIMIT_BYTES) {
      const control = this.#control.shift();
      if (control) this.#send(control, this.#pump);
      else if (!this.#sendFragment()) return;
    }
  };

  #sendFragment(): boolean {
    const other: Channel = this.#turn === 'sync' ? 'graphql' : 'sync';
    for (const channel of [this.#turn, other]) {
      const outgoing = this.#queues[channel][0];
      if (!outgoing) continue;
      const fragment = fragmentAt(outgoing.message, outgoing.offset);
      const size = fragment.bytes.byteLength;
      if (!this.#windows[channel].admits(size)) continue;
      this.#windows[channel].take(size);
      outgoing.offset += size;
      this.#queuedBytes -= size;
      if (!fragment.more) this.#queues[channel].shift();
      this.#turn = channel === 'sync' ? 'graphql' : 'sync';
      this.#send(encodeFrame({ type: channel, ...fragment }), () => {
        if (!fragment.more) outgoing.taken?.();
        this.#pump();
      });
      return true;
    }
    return false;
  }

  #send(frame: Uint8Array, taken: () => void): void {
    this.#bytesSent += frame.byteLength;
    this.#options.socket.send(frame, taken);
  }

  #overflow(waiting: string): void {
    this.#control.length = 0;
    this.close();
    this.#options.overflow(waiting);
  }
}
