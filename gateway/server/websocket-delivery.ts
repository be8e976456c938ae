import type { Pollable } from '../live/pollable.ts';
import type { Payload } from './payload.ts';

/** Where payloads go, as far as a delivery knows it. */
export interface PayloadSink {
  /** False while the client has not taken what was written: the delivery is called again when it has. */
  readonly writable: boolean;
  write(frame: Buffer): void;
  /** All frames until `release` are one write to the kernel. */
  hold(): void;
  release(): void;
}

/** Payloads written to one socket before others get their turn. */
const payloadsPerTurn = 32;

const suffix = Buffer.from('}');

/** Writes the payloads of one operation to one socket: only the operation's id is its own, the JSON is shared. */
export class WebSocketDelivery {
  isScheduled = false;
  readonly #prefix: Buffer;
  readonly #source: Pollable<Payload>;
  readonly #sink: PayloadSink;
  readonly #onEnd: () => void;

  constructor(id: string, source: Pollable<Payload>, sink: PayloadSink, onEnd: () => void) {
    this.#prefix = Buffer.from(`{"id":${JSON.stringify(id)},"type":"next","payload":`);
    this.#source = source;
    this.#sink = sink;
    this.#onEnd = onEnd;
  }

  /** Writes what is due. @returns whether there may be more for another turn */
  run(): boolean {
    const sink = this.#sink;
    sink.hold();
    try {
      for (let count = 0; sink.writable; count++) {
        if (count === payloadsPerTurn) return true;
        const payload = this.#source.poll();
        if (payload) {
          sink.write(this.#frameOf(payload));
          continue;
        }
        if (this.#source.ended) this.#onEnd();
        return false;
      }
      return false;
    } finally {
      sink.release();
    }
  }

  #frameOf({ json }: Payload): Buffer {
    const prefix = this.#prefix;
    const frame = Buffer.allocUnsafe(prefix.length + json.length + 1);
    frame.set(prefix, 0);
    frame.set(json, prefix.length);
    frame.set(suffix, prefix.length + json.length);
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
