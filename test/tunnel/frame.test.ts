import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProtocolError } from '../../tunnel/close-codes.ts';
import { encodeFrame, type Frame, parseFrame } from '../../tunnel/frame.ts';
import { MAX_FRAME_BYTES } from '../../tunnel/limits.ts';
import { machine } from '../harness/objects.ts';
import { CORPUS } from './corpus.ts';
import { times } from './harness.ts';

const count = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const text = fc.string({ unit: 'binary', maxLength: 200 });
const version = fc.record({ major: count, minor: count });
const double = fc.double({ noNaN: true, noDefaultInfinity: true });
const duration = fc.option(fc.float({ min: 0, noNaN: true, noDefaultInfinity: true }), { nil: undefined });
const channel = fc.constantFrom('sync' as const, 'graphql' as const);

const machines = fc
  .record({
    hostname: text,
    cpus: count,
    addresses: fc.uniqueArray(fc.oneof(fc.ipV4(), fc.ipV6()), { maxLength: 16 }),
    pressure: fc.record({ memory: fc.boolean(), disk: fc.boolean(), pids: fc.boolean() }),
  })
  .map(machine);

const frames: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({
    type: fc.constant('hello' as const),
    hello: fc.record({
      protocol: version,
      storeId: text,
      epoch: count,
      replicaId: fc.option(text, { nil: undefined }),
      ackedSeq: count,
      lastSeq: fc.option(count, { nil: undefined }),
      schemaHash: text,
      version: text,
      machine: fc.option(machines, { nil: undefined }),
    }),
  }),
  fc.record({
    type: fc.constant('welcome' as const),
    welcome: fc.record({ protocol: version, replicaId: text, serverTime: count }),
  }),
  fc.record({
    type: fc.constant('goodbye' as const),
    goodbye: fc.record({ reason: text, retryAfterMs: fc.option(count, { nil: undefined }) }),
  }),
  fc.record({
    type: fc.constant('ping' as const),
    sentAt: double,
    rttMs: duration,
    lagMs: duration,
  }),
  fc.record({
    type: fc.constant('pong' as const),
    sentAt: double,
    wallTime: double,
    reconnectWindowMs: duration,
  }),
  fc.record({
    type: fc.constant('credit' as const),
    channel,
    bytes: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  }),
  fc
    .record({
      type: channel,
      more: fc.boolean(),
      deflated: fc.boolean(),
      bytes: fc.uint8Array({ maxLength: 5000 }),
    })
    .map((frame) => ({ ...frame, deflated: frame.deflated && frame.type === 'sync' })),
);

const plain = (frame: Frame) => ('bytes' in frame ? { ...frame, bytes: [...asBytes(frame.bytes)] } : frame);
const asBytes = (bytes: number | Uint8Array) => (typeof bytes === 'number' ? [bytes] : bytes);

/** Returns or throws a ProtocolError; anything else fails the test. */
function parseAnything(bytes: unknown): void {
  try {
    parseFrame(bytes);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    expect(error.message.length).toBeLessThan(500);
  }
}

describe('frames', () => {
  it('[W9] come out of the wire as they went in', () => {
    fc.assert(
      fc.property(frames, (frame) => {
        expect(plain(parseFrame(encodeFrame(frame)))).toEqual(plain(frame));
      }),
      { numRuns: 2000 },
    );
  });

  it('[W10] of any bytes are parsed or refused with a ProtocolError, and nothing else happens', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), parseAnything), {
      numRuns: times(30_000, 500_000),
    });
    const control = fc.integer({ min: 0, max: 0x12 });
    fc.assert(
      fc.property(control, fc.uint8Array({ maxLength: 200 }), (type, bytes) =>
        parseAnything(Uint8Array.of(type, 0, ...bytes)),
      ),
      { numRuns: times(30_000, 400_000) },
    );
  });

  it('[W10] with bytes flipped, cut or added are parsed or refused, too', () => {
    fc.assert(
      fc.property(frames, fc.nat(), fc.integer({ min: 1, max: 255 }), fc.nat(), (frame, at, flip, cut) => {
        const bytes = Uint8Array.from(encodeFrame(frame));
        bytes[at % bytes.length]! ^= flip;
        parseAnything(bytes);
        parseAnything(bytes.subarray(0, cut % bytes.length));
        parseAnything(Uint8Array.of(...bytes, flip));
      }),
      { numRuns: times(10_000, 100_000) },
    );
  });

  it.each(CORPUS)(
    '[W10] of the corpus (%s) are parsed or refused, and allocate no more than they hold themselves',
    (_what, bytes) => {
      const before = process.memoryUsage();
      parseAnything(bytes);
      const after = process.memoryUsage();
      // Lists in lists take some 60 bytes of heap for each byte, until the stack ends it.
      expect(after.heapUsed - before.heapUsed).toBeLessThan(4 * 1024 * 1024);
      expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(1024 * 1024);
    },
  );

  it.each([
    ['text', 'expected a binary message, got text'],
    [undefined, 'expected a binary message, got undefined'],
    [Uint8Array.of(1), 'a frame of 1 bytes is too short'],
    [new Uint8Array(MAX_FRAME_BYTES + 1), 'over the limit of 1048576'],
    [Uint8Array.of(0x7f, 0), 'unknown frame type 0x7f'],
    [Uint8Array.of(0x04, 1, 0, 0, 0, 0, 0, 0, 0, 0), 'ping: flags 0b1, expected none'],
    [Uint8Array.of(0x04, 0, 1), 'ping: 1 bytes, expected 16'],
    [Uint8Array.of(0x10, 0b100, 1), 'sync: unknown flags 0b100'],
    [Uint8Array.of(0x11, 0b10, 1), 'graphql: only sync messages may be deflated'],
    [Uint8Array.of(0x01, 0, 0xc0), 'hello: expected a map'],
    [Uint8Array.of(0x01, 0, 0x81), 'hello: not msgpack'],
    [Uint8Array.of(0x01, 0, 0x80), 'hello: expected a map'],
    [new Uint8Array(70_000).fill(1, 0, 1), 'hello: 69998 bytes, expected at most 65536'],
  ])('[W10] %o is refused in words', (bytes, words) => {
    expect(() => parseFrame(bytes)).toThrow(words);
  });
});
