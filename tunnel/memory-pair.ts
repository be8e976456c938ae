import type { SocketEvents, SocketLike, TakeSocket } from './socket.ts';

/** A WebSocket between two ends in one process: what one sends waits until it is flushed to the other. */
export interface MemoryPair {
  /** Messages on their way to an end. */
  readonly waiting: { a: number; b: number };
  /** Delivers up to `limit` messages to one end; tells how many. */
  flushTo(end: 'a' | 'b', limit?: number): number;
  /** Delivers everything, answers included, until nothing is on its way. */
  flush(): void;
  /** The network is gone: what is on its way is lost, both ends see 1006. */
  cut(): void;
}

class MemorySocket implements SocketLike {
  peer!: MemorySocket;
  /** Undefined until both ends have taken their sockets. */
  events: SocketEvents | undefined;
  closeWhenOpen: () => void = () => {};
  /** On its way from this end. */
  outgoing: Array<{ bytes: Uint8Array; taken: () => void }> = [];
  #closed = false;

  get bufferedBytes(): number {
    return this.outgoing.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
  }

  send(bytes: Uint8Array, taken: () => void): void {
    // A copy: what the sender does with its buffer afterwards is its own business.
    if (!this.#closed) this.outgoing.push({ bytes: Uint8Array.from(bytes), taken });
  }

  close(code: number, reason: string): void {
    if (this.#closed) return;
    if (!this.events || !this.peer.events) {
      this.closeWhenOpen = () => this.close(code, reason);
      return;
    }
    this.deliver(Number.POSITIVE_INFINITY);
    this.end(code, reason);
    this.peer.end(code, reason);
  }

  terminate(): void {
    this.end(1006, '');
    this.peer.end(1006, '');
  }

  deliver(limit: number): number {
    let delivered = 0;
    while (delivered < limit && !this.#closed) {
      const next = this.outgoing.shift();
      if (!next) break;
      delivered++;
      this.peer.events?.message(next.bytes);
      next.taken();
    }
    return delivered;
  }

  end(code: number, reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.outgoing = [];
    this.events?.closed(code, reason);
  }
}

export function createMemoryPair(takeA: TakeSocket, takeB: TakeSocket): MemoryPair {
  const a = new MemorySocket();
  const b = new MemorySocket();
  a.peer = b;
  b.peer = a;
  a.events = takeA(a);
  b.events = takeB(b);
  a.closeWhenOpen();
  b.closeWhenOpen();
  return {
    get waiting() {
      return { a: b.outgoing.length, b: a.outgoing.length };
    },
    flushTo: (end, limit = Number.POSITIVE_INFINITY) => (end === 'a' ? b : a).deliver(limit),
    flush() {
      while (a.deliver(1) + b.deliver(1) > 0);
    },
    cut: () => a.terminate(),
  };
}
