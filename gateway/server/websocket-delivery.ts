import type { Pollable } from '../live/pollable.ts';
import type { Payload } from './payload.ts';
import { createTextFrame } from './text-frame.ts';

/** Where payloads go, as far as a delivery knows it. */
export interface PayloadSink {
  /** False while the client has not taken what was written: the delivery is called again when it has. */
  readonly writable: boolean;
  /** @param frame a whole WebSocket frame */
  writeFrame(frame: Buffer): void;
  /** All frames until `release` are one write to the kernel. */
  hold(): void;
  release(): void;
}

/** Payloads written to one socket before others get their turn. */
const payloadsPerTurn = 8;

const closingBrace = 0x7d;

/** Writes the payloads of one operation to one socket: only the operation's id is its own, the JSON is shared. */
export class WebSocketDelivery {
  isScheduled = false;
  /** A string: small buffers would pin the pool they are cut from. */
  readonly #prefix: string;
  readonly #prefixBytes: number;
  readonly #source: Pollable<Payload>;
  readonly #sink: PayloadSink;
  readonly #onEnd: () => void;

  constructor(id: string, source: Pollable<Payload>, sink: PayloadSink, onEnd: () => void) {
    this.#prefix = `{"id":${JSON.stringify(id)},"type":"next","payload":`;
    this.#prefixBytes = Buffer.byteLength(this.#prefix);
    this.#source = source;
    this.#sink = sink;
    this.#onEnd = onEnd;
  }

  /** Writes what is due. @returns whether there may be more for another turn */
  run(): boolean {
    const sink = this.#sink;
    let count = 0;
    for (; sink.writable && count < payloadsPerTurn; count++) {
      const payload = this.#source.poll();
      if (!payload) break;
      // Mostly there is one, and nothing to wait for.
      if (count === 1) sink.hold();
      sink.writeFrame(this.#frameOf(payload));
    }
    if (count > 1) sink.release();
    if (this.#source.ended) this.#onEnd();
    return count === payloadsPerTurn;
  }

  #frameOf({ json }: Payload): Buffer {
    const length = this.#prefixBytes + json.length + 1;
    const { frame, offset } = createTextFrame(length);
    frame.write(this.#prefix, offset);
    frame.set(json, offset + this.#prefixBytes);
    frame[offset + length - 1] = closingBrace;
    return frame;
  }
}

/**
 * Runs deliveries that are ready, together, after what made them so: an event that is published to a thousand subscribers
 * is not written before its publisher has gone on.
 */
export class DeliveryTurns {
  #ready: WebSocketDelivery[] = [];

  schedule(delivery: WebSocketDelivery): void {
    if (delivery.isScheduled) return;
    delivery.isScheduled = true;
    if (this.#ready.push(delivery) === 1) queueMicrotask(this.#run);
  }

  readonly #run = (): void => {
    const ready = this.#ready;
    this.#ready = [];
    const unfinished: WebSocketDelivery[] = [];
    for (const delivery of ready) {
      delivery.isScheduled = false;
      if (delivery.run()) unfinished.push(delivery);
    }
    // A long snapshot must not hold up sockets, timers and requests.
    if (unfinished.length > 0) {
      setImmediate(() => {
        for (const delivery of unfinished) this.schedule(delivery);
      });
    }
  };
}
