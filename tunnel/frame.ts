import { Packr } from 'msgpackr';
import { messageOf } from '../lib/errors.ts';
import { ProtocolError } from './close-codes.ts';
import {
  checkGoodbye,
  checkHello,
  checkWelcome,
  type Goodbye,
  type WireHello,
  type WireWelcome,
} from './handshake.ts';
import { MAX_CONTROL_BYTES, MAX_FRAME_BYTES } from './limits.ts';

/** [W9] One binary WebSocket message is one frame: a type byte, a flags byte, the payload. */
export type Frame =
  | { type: 'hello'; hello: WireHello }
  | { type: 'welcome'; welcome: WireWelcome }
  | { type: 'goodbye'; goodbye: Goodbye }
  /**
   * `sentAt` means something to its sender alone; the pong brings it back. `rttMs` is what it measured last, `lagMs` the
   * age of its oldest report that is not acknowledged.
   */
  | { type: 'ping'; sentAt: number; rttMs: number | undefined; lagMs: number | undefined }
  /** `reconnectWindowMs`: how long a node that loses the link spreads its first attempt over. */
  | { type: 'pong'; sentAt: number; wallTime: number; reconnectWindowMs: number | undefined }
  | { type: 'credit'; channel: Channel; bytes: number }
  | ({ type: Channel } & Fragment);

export type FrameType = Frame['type'];

/** The channels that carry messages of any size, in fragments. */
export type Channel = 'sync' | 'graphql';

export interface Fragment {
  /** Another fragment of the same message follows. */
  more: boolean;
  deflated: boolean;
  bytes: Uint8Array;
}

const TYPE_BYTES: Record<FrameType, number> = {
  hello: 0x01,
  welcome: 0x02,
  goodbye: 0x03,
  ping: 0x04,
  pong: 0x05,
  credit: 0x06,
  sync: 0x10,
  graphql: 0x11,
};

const TYPES = new Map(Object.entries(TYPE_BYTES).map(([type, byte]) => [byte, type as FrameType]));

const MORE = 0b01;
const DEFLATED = 0b10;
const HEADER_BYTES = 2;

const packr = new Packr({ useRecords: false });

export function encodeFrame(frame: Frame): Uint8Array {
  switch (frame.type) {
    case 'hello':
      return join(frame.type, 0, packr.pack(frame.hello));
    case 'welcome':
      return join(frame.type, 0, packr.pack(frame.welcome));
    case 'goodbye':
      return join(frame.type, 0, packr.pack(frame.goodbye));
    case 'ping':
      return join(frame.type, 0, numbers([frame.sentAt], [frame.rttMs, frame.lagMs]));
    case 'pong':
      return join(frame.type, 0, numbers([frame.sentAt, frame.wallTime], [frame.reconnectWindowMs]));
    case 'credit':
      return join(frame.type, 0, numbers([TYPE_BYTES[frame.channel], frame.bytes]));
    case 'sync':
    case 'graphql':
      return join(frame.type, (frame.more ? MORE : 0) | (frame.deflated ? DEFLATED : 0), frame.bytes);
  }
}

/** @throws ProtocolError, the only thing that it throws, whatever the bytes */
export function parseFrame(data: unknown): Frame {
  if (!(data instanceof Uint8Array)) {
    throw new ProtocolError(
      `expected a binary message, got ${typeof data === 'string' ? 'text' : typeof data}`,
    );
  }
  if (data.byteLength < HEADER_BYTES)
    throw new ProtocolError(`a frame of ${data.byteLength} bytes is too short`);
  if (data.byteLength > MAX_FRAME_BYTES) {
    throw new ProtocolError(`a frame of ${data.byteLength} bytes is over the limit of ${MAX_FRAME_BYTES}`);
  }
  const type = TYPES.get(data[0]!);
  if (!type) throw new ProtocolError(`unknown frame type 0x${data[0]!.toString(16)}`);
  const flags = data[1]!;
  const payload = data.subarray(HEADER_BYTES);
  if (type === 'sync' || type === 'graphql') return parseFragment(type, flags, payload);
  if (flags !== 0) throw new ProtocolError(`${type}: flags 0b${flags.toString(2)}, expected none`);
  if (payload.byteLength > MAX_CONTROL_BYTES) {
    throw new ProtocolError(`${type}: ${payload.byteLength} bytes, expected at most ${MAX_CONTROL_BYTES}`);
  }
  return parseControl(type, payload);
}

function parseFragment(type: Channel, flags: number, bytes: Uint8Array): Frame {
  if ((flags & ~(MORE | DEFLATED)) !== 0)
    throw new ProtocolError(`${type}: unknown flags 0b${flags.toString(2)}`);
  const deflated = (flags & DEFLATED) !== 0;
  if (deflated && type === 'graphql') throw new ProtocolError('graphql: only sync messages may be deflated');
  return { type, more: (flags & MORE) !== 0, deflated, bytes };
}

function parseControl(type: Exclude<FrameType, Channel>, payload: Uint8Array): Frame {
  switch (type) {
    case 'hello':
      return { type, hello: checkHello(unpack(type, payload)) };
    case 'welcome':
      return { type, welcome: checkWelcome(unpack(type, payload)) };
    case 'goodbye':
      return { type, goodbye: checkGoodbye(unpack(type, payload)) };
    case 'ping': {
      const [sentAt, rttMs, lagMs] = readNumbers(type, payload, 1, 2);
      return { type, sentAt: sentAt!, rttMs: durationOf(rttMs), lagMs: durationOf(lagMs) };
    }
    case 'pong': {
      const [sentAt, wallTime, windowMs] = readNumbers(type, payload, 2, 1);
      if (!Number.isFinite(sentAt) || !Number.isFinite(wallTime))
        throw new ProtocolError('pong: expected two instants');
      return { type, sentAt: sentAt!, wallTime: wallTime!, reconnectWindowMs: durationOf(windowMs) };
    }
    case 'credit': {
      const [channelByte, bytes] = readNumbers(type, payload, 2);
      const channel = TYPES.get(channelByte!);
      if (channel !== 'sync' && channel !== 'graphql') throw new ProtocolError('credit: unknown channel');
      if (!Number.isSafeInteger(bytes) || bytes! <= 0) {
        throw new ProtocolError(`credit: ${bytes} bytes, expected a whole number from 1`);
      }
      return { type, channel, bytes: bytes! };
    }
  }
}

function unpack(type: FrameType, payload: Uint8Array): unknown {
  try {
    return packr.unpack(payload);
  } catch (error) {
    throw new ProtocolError(`${type}: not msgpack (${messageOf(error)})`);
  }
}

function join(type: FrameType, flags: number, payload: Uint8Array): Uint8Array {
  const frame = Buffer.allocUnsafe(HEADER_BYTES + payload.byteLength);
  frame[0] = TYPE_BYTES[type];
  frame[1] = flags;
  frame.set(payload, HEADER_BYTES);
  return frame;
}

/** Float64s, and after them durations as float32s, NaN where there is none to tell: an idle link carries little else. */
function numbers(exact: number[], durations: Array<number | undefined> = []): Uint8Array {
  const bytes = Buffer.allocUnsafe(exact.length * 8 + durations.length * 4);
  let at = 0;
  for (const value of exact) at = bytes.writeDoubleBE(value, at);
  for (const duration of durations) at = bytes.writeFloatBE(duration ?? Number.NaN, at);
  return bytes;
}

function readNumbers(type: FrameType, payload: Uint8Array, exact: number, durations = 0): number[] {
  const expected = exact * 8 + durations * 4;
  if (payload.byteLength !== expected) {
    throw new ProtocolError(`${type}: ${payload.byteLength} bytes, expected ${expected}`);
  }
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  return [
    ...Array.from({ length: exact }, (_, index) => view.getFloat64(index * 8)),
    ...Array.from({ length: durations }, (_, index) => view.getFloat32(exact * 8 + index * 4)),
  ];
}

const durationOf = (ms: number | undefined) =>
  ms !== undefined && ms >= 0 && Number.isFinite(ms) ? ms : undefined;
