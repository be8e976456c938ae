import type { Dial } from '../../tunnel/dial.ts';
import type { SocketEvents, SocketLike, TakeSocket } from '../../tunnel/socket.ts';
import type { Process } from './process.ts';
import type { Random } from './random.ts';
import type { Timeline } from './timeline.ts';

/** Milliseconds that a frame may be on its way. */
export const MAX_LATENCY_MS = 400;
/** Milliseconds until an end notices by itself that the other one is gone. */
const MAX_NOTICE_MS = 12_000;

/** Who waits for connections. */
export interface Acceptor {
  process: Process;
  accept(nodeName: string, socket: SocketLike): SocketEvents;
}

/** One end of a WebSocket: whole frames, in order, each some time later; or none at all any more. */
class End implements SocketLike {
  other!: End;
  events: SocketEvents | undefined;
  isClosed = false;
  #arrivesAt = 0;
  #inFlightBytes = 0;
  readonly #wire: Wire;
  readonly #process: Process;

  constructor(wire: Wire, process: Process) {
    this.#wire = wire;
    this.#process = process;
  }

  get bufferedBytes(): number {
    return this.#inFlightBytes;
  }

  send(bytes: Uint8Array, taken: () => void): void {
    if (this.isClosed || !this.#process.passes()) return;
    const copy = Uint8Array.from(bytes);
    this.#inFlightBytes += copy.byteLength;
    this.#later(() => {
      this.#inFlightBytes -= copy.byteLength;
      if (this.#wire.isCut) return;
      if (!this.isClosed && this.#process.isAlive) taken();
      this.other.receive(copy);
    });
  }

  receive(bytes: Uint8Array): void {
    if (!this.isClosed && this.#process.passes()) this.events?.message(bytes);
  }

  close(code: number, reason: string): void {
    if (this.isClosed || !this.#process.isAlive) return;
    this.#later(() => {
      if (this.#wire.isCut) return;
      this.other.end(code, reason);
      this.end(code, reason);
    });
  }

  terminate(): void {
    this.#wire.cut();
    this.end(1006, '');
  }

  end(code: number, reason: string): void {
    if (this.isClosed) return;
    this.isClosed = true;
    if (this.#process.isAlive) this.events?.closed(code, reason);
  }

  #later(run: () => void): void {
    const { timeline, random, latencyMs } = this.#wire;
    this.#arrivesAt = Math.max(this.#arrivesAt, timeline.now + random.int(1, latencyMs));
    timeline.after(this.#arrivesAt - timeline.now, run);
  }
}

class Wire {
  isCut = false;
  readonly timeline: Timeline;
  readonly random: Random;
  readonly latencyMs: number;
  ends: End[] = [];

  constructor(timeline: Timeline, random: Random) {
    this.timeline = timeline;
    this.random = random;
    this.latencyMs = random.chance(0.5) ? 20 : MAX_LATENCY_MS;
  }

  /** Whole frames are lost, never parts of one. Each end notices in its own time, before the other or long after it. */
  cut(): void {
    if (this.isCut) return;
    this.isCut = true;
    for (const end of this.ends) {
      this.timeline.after(this.random.int(1, this.random.chance(0.7) ? 500 : MAX_NOTICE_MS), () =>
        end.end(1006, 'the connection was lost'),
      );
    }
  }
}

/** Between the edge nodes and the cloud. */
export class Network {
  readonly #timeline: Timeline;
  readonly #random: Random;
  readonly #wires = new Map<string, Wire>();
  readonly #down = new Set<string>();
  acceptor: Acceptor | undefined;

  constructor(timeline: Timeline, random: Random) {
    this.#timeline = timeline;
    this.#random = random;
  }

  cut(nodeName: string): void {
    this.#wires.get(nodeName)?.cut();
  }

  cutAll(): void {
    for (const wire of this.#wires.values()) wire.cut();
  }

  /** No new connection of the node gets through, and the one that it has is cut. */
  setDown(nodeName: string, isDown: boolean): void {
    if (isDown) {
      this.#down.add(nodeName);
      this.cut(nodeName);
    } else this.#down.delete(nodeName);
  }

  /** How an edge process dials. */
  dialOf(nodeName: string, process: Process): Dial {
    return ({ opened, failed }) => {
      let isGivenUp = false;
      this.#timeline.after(this.#random.int(1, MAX_LATENCY_MS), () => {
        if (isGivenUp || !process.isAlive) return;
        if (this.#down.has(nodeName) || !this.acceptor?.process.isAlive)
          failed(new Error('no way to the cloud'));
        else this.#connect(nodeName, process, opened, this.acceptor);
      });
      return () => {
        isGivenUp = true;
      };
    };
  }

  #connect(nodeName: string, process: Process, opened: TakeSocket, acceptor: Acceptor): void {
    const wire = new Wire(this.#timeline, this.#random.fork());
    const edge = new End(wire, process);
    const cloud = new End(wire, acceptor.process);
    edge.other = cloud;
    cloud.other = edge;
    wire.ends = [edge, cloud];
    this.#wires.set(nodeName, wire);
    cloud.events = acceptor.accept(nodeName, cloud);
    edge.events = opened(edge);
  }
}
