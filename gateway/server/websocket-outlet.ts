import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { type Clock, every } from '../../lib/clock.ts';
import type { Limits } from './limits.ts';
import { SendWindow } from './send-window.ts';
import type { PayloadSink } from './websocket-delivery.ts';
import { CloseCode } from './websocket-message.ts';

export interface WebSocketOutletOptions {
  clock: Clock;
  /**
   * Beyond `unsentBytes` the socket is not read: what a client does not take, it cannot make grow by asking for more.
   * Beyond `backlogBytes` the connection is closed with 4413.
   */
  limits: Pick<Limits, 'pingMs' | 'unsentBytes' | 'backlogBytes'>;
  /** The client has taken what was written: there is room again. */
  onRoom: () => void;
}

const maxReasonBytes = 123;

/** In the ping that marks a place of the window: other pings say nothing of it. */
const mark = 'w';

/** The writing side of one WebSocket: bounded, and cut when its client answers no ping, gone or not reading. */
export class WebSocketOutlet implements PayloadSink {
  readonly #socket: WebSocket;
  /** What `ws` writes to: it knows when it is drained. */
  readonly #duplex: Duplex;
  readonly #options: WebSocketOutletOptions;
  readonly #window = new SendWindow();

  constructor(socket: WebSocket, duplex: Duplex, options: WebSocketOutletOptions) {
    this.#socket = socket;
    this.#duplex = duplex;
    this.#options = options;
    this.#ping();
    duplex.on('drain', () => {
      if (socket.isPaused) socket.resume();
      options.onRoom();
    });
  }

  get open(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  get writable(): boolean {
    return this.open && !this.#duplex.writableNeedDrain && this.#window.open;
  }

  write(message: string): void {
    if (this.#hasRoomFor(message.length)) {
      this.#socket.send(message);
      this.#pauseBeyondBound();
    }
  }

  /** Past `ws`, which would wrap the same bytes a thousand times. It sends without delay, so its frames stay whole. */
  writeFrame(frame: Buffer): void {
    if (!this.#hasRoomFor(frame.length)) return;
    const isMarked = this.#window.add(frame.length);
    // One write to the kernel for both: it is nearly all that a delivery costs.
    if (isMarked) this.hold();
    this.#duplex.write(frame);
    if (isMarked) {
      this.#socket.ping(mark);
      this.release();
    }
    this.#pauseBeyondBound();
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

  #hasRoomFor(bytes: number): boolean {
    if (!this.open) return false;
    const unsent = this.#duplex.writableLength;
    if (unsent === 0 || unsent + bytes <= this.#options.limits.backlogBytes) return true;
    this.close(CloseCode.TooSlow, `${unsent} bytes are waiting to be taken`);
    return false;
  }

  #pauseBeyondBound(): void {
    if (this.#duplex.writableLength <= this.#options.limits.unsentBytes) return;
    if (!this.#socket.isPaused) this.#socket.pause();
  }

  #ping(): void {
    const socket = this.#socket;
    const { clock, limits } = this.#options;
    let answered = true;
    const stop = every(clock, limits.pingMs, () => {
      if (!answered) return socket.terminate();
      answered = false;
      socket.ping();
    });
    socket.on('pong', (data) => {
      answered = true;
      if (String(data) === mark && this.#window.confirm()) this.#options.onRoom();
    });
    socket.once('close', stop);
  }
}
