import type { Socket } from 'node:net';
import type { Clock } from '../lib/clock.ts';
import type { Close } from '../lib/disposables.ts';
import { FlowMeter, type FlowRates } from './flow-meter.ts';
import { PacketScanner } from './packet-scanner.ts';

export interface SocketGuardOptions {
  limits: FlowRates & { maxPacketBytes: number };
  clock: Clock;
  /** A packet is too long, or none: the socket has been destroyed. */
  onViolation(): void;
  /** The client sends too much: it is not read for so many milliseconds. */
  onThrottled(ms: number): void;
}

/** Bytes read at once: how far a client can get beyond its rate. */
const SLICE_BYTES = 4_096;

/**
 * Stands between a client's socket and aedes, which pulls with `read` and buffers packets of any length: packets are measured
 * on their way through, and a client beyond its rates is left unread. TCP then stops it, and nobody else; nothing is lost.
 * @returns lifts the rates: the client is one of the node's own
 */
export function guardSocket(socket: Socket, options: SocketGuardOptions): Close {
  const { limits, clock, onViolation, onThrottled } = options;
  const scanner = new PacketScanner(limits.maxPacketBytes);
  const meter = new FlowMeter(limits, clock.monotonic());
  const read = socket.read.bind(socket);
  let isLifted = false;
  let cancelWait: Close | undefined;

  const endWait = () => {
    cancelWait?.();
    cancelWait = undefined;
  };
  const wait = (ms: number) => {
    cancelWait = clock.setTimer(ms, () => {
      cancelWait = undefined;
      // aedes reads when it hears this, and at no other time.
      socket.emit('readable');
    });
    onThrottled(ms);
  };
  socket.read = (size?: number) => {
    // So the stream itself asks whether more is on its way, and throws away what it gets.
    if (size === 0) return read(0);
    if (cancelWait) return null;
    const { packets, messages } = scanner;
    const slices: Buffer[] = [];
    // aedes asks again when it has done a packet: it must get a whole one, or all that there is.
    do {
      const slice: Buffer | null = read(isLifted ? size : sliceOf(socket, size));
      if (slice === null) break;
      if (!scanner.accepts(slice)) {
        socket.destroy();
        onViolation();
        return null;
      }
      slices.push(slice);
    } while (scanner.packets === packets && socket.readableLength > 0);
    const chunk = slices.length > 1 ? Buffer.concat(slices) : slices[0];
    if (!chunk) return null;
    const waitMs = isLifted ? 0 : meter.take(scanner.messages - messages, chunk.length, clock.monotonic());
    if (waitMs > 0) wait(waitMs);
    return chunk;
  };
  socket.on('close', endWait);
  return () => {
    isLifted = true;
    if (!cancelWait) return;
    endWait();
    socket.emit('readable');
  };
}

/** No more than there is: a stream asked for more than it has gives nothing. */
const sliceOf = (socket: Socket, size: number | undefined) =>
  size || socket.readableLength === 0 ? size : Math.min(SLICE_BYTES, socket.readableLength);
