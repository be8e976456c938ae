import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { type Clock, every } from '../../lib/clock.ts';
import type { PayloadSink } from './websocket-delivery.ts';
import { CloseCode } from './websocket-message.ts';

export interface WebSocketOutletOptions {
  clock: Clock;
  pingMs: number;
  /** Beyond it the socket is not read: what a client does not take, it cannot make grow by asking for more. */
  unsentBytes: number;
  /** Beyond it the connection is closed with 4413. */
  backlogBytes: number;
  /** The client has taken all that was written. */
  onDrain: () => void;
}

const textFrame = { binary: false, compress: false };
const maxReasonBytes = 123;

/** The writing side of one WebSocket: bounded, and cut when its client answers no ping, gone or not reading. */
export class WebSocketOutlet implements PayloadSink {
  readonly #socket: WebSocket;
  /** What `ws` writes to: it knows when it is drained. */
  readonly #duplex: Duplex;
  readonly #options: WebSocketOutletOptions;

  constructor(socket: WebSocket, duplex: Duplex, options: WebSocketOutletOptions) {
    this.#socket = socket;
    this.#duplex = duplex;
    this.#options = options;
    this.#ping();
    duplex.on('drain', () => {
      if (socket.isPaused) socket.resume();
      options.onDrain();
    });
  }

  get open(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  get writable(): boolean {
    return this.open && !this.#duplex.writableNeedDrain;
  }

  write(message: Buffer | string): void {
    if (!this.open) return;
    const socket = this.#socket;
    const { unsentBytes, backlogBytes } = this.#options;
    const unsent = socket.bufferedAmount;
    if (unsent > 0 && unsent + message.length > backlogBytes) {
      this.close(CloseCode.TooSlow, `${unsent} bytes are waiting to be taken`);
      return;
    }
    socket.send(message, textFrame);
    if (!socket.isPaused && socket.bufferedAmount > unsentBytes) socket.pause();
  }

  hold(): void {
    this.#duplex.cork();
  }

  release(): void {
    this.#duplex.uncork();
  }

  close(code: number, reason: string): void {
    // A close behind what the client does not read needs the client's answer read.
    if (this.#socket.isPaused) this.#socket.resume();
    this.#socket.close(code, Buffer.from(reason).subarray(0, maxReasonBytes).toString());
  }

  #ping(): void {
    const socket = this.#socket;
    const { clock, pingMs } = this.#options;
    let answered = true;
    const stop = every(clock, pingMs, () => {
      if (!answered) return socket.terminate();
      answered = false;
      socket.ping();
    });
    socket.on('pong', () => {
      answered = true;
    });
    socket.once('close', stop);
  }
}
