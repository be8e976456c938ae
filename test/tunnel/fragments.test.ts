import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReceiveWindow, SendWindow } from '../../tunnel/credit.ts';
import { fragmentAt, Reassembler } from '../../tunnel/fragments.ts';
import { FRAGMENT_BYTES, MAX_MESSAGE_BYTES, MIN_FRAGMENT_BYTES, WINDOW_BYTES } from '../../tunnel/limits.ts';

function split(bytes: Uint8Array) {
  const fragments = [];
  for (let offset = 0; ; offset += FRAGMENT_BYTES) {
    const fragment = fragmentAt({ bytes, deflated: false }, offset);
    fragments.push(fragment);
    if (!fragment.more) return fragments;
  }
}

describe('fragments', () => {
  it.each([1, FRAGMENT_BYTES - 1, FRAGMENT_BYTES, FRAGMENT_BYTES + 1, 3 * FRAGMENT_BYTES, MAX_MESSAGE_BYTES])(
    '[W11] of a message of %i bytes give it back when the last one is there, and not before',
    (size) => {
      const bytes = new Uint8Array(size).map((_, index) => index % 251);
      const reassembler = new Reassembler('sync');
      const results = split(bytes).map((fragment) => reassembler.add(fragment));
      expect(results.slice(0, -1).every((result) => result === undefined)).toBe(true);
      expect(Buffer.compare(results.at(-1)!.bytes, bytes)).toBe(0);
      expect(reassembler.pendingBytes).toBe(0);
    },
  );

  it('[W12] are refused when they add up to more than 16 MiB', () => {
    const reassembler = new Reassembler('sync');
    const fragment = { more: true, deflated: false, bytes: new Uint8Array(1024 * 1024) };
    for (let index = 0; index < 16; index++) reassembler.add(fragment);
    expect(() => reassembler.add(fragment)).toThrow('sync: a message over the limit of 16777216 bytes');
  });

  it('[W12] are refused when they are smaller than they need to be', () => {
    const small = new Uint8Array(MIN_FRAGMENT_BYTES - 1);
    expect(() => new Reassembler('sync').add({ more: true, deflated: false, bytes: small })).toThrow(
      'sync: a fragment of 1023 bytes, expected 1024 or more',
    );
    expect(() =>
      new Reassembler('graphql').add({ more: false, deflated: false, bytes: new Uint8Array() }),
    ).toThrow('graphql: a fragment of 0 bytes, expected 1 or more');
  });
});

describe('credit', () => {
  it('[W20] refuses bytes beyond the window', () => {
    const window = new ReceiveWindow('sync');
    window.receive(WINDOW_BYTES);
    expect(() => window.receive(1)).toThrow('sync: 1 bytes beyond the credit');
  });

  it('[W20] lets every message through whatever the sizes and the pace of the handler, and bounds what is held', () => {
    const size = fc.oneof(fc.integer({ min: 1, max: 2000 }), fc.integer({ min: 1, max: 4 * WINDOW_BYTES }));
    fc.assert(
      fc.property(
        fc.array(size, { minLength: 1, maxLength: 40 }),
        fc.infiniteStream(fc.boolean()),
        (sizes, handlerRuns) => {
          const [send, receive] = [new SendWindow(), new ReceiveWindow('sync')];
          const waiting: number[] = [];
          let [message, offset, held] = [0, 0, 0];
          const grant = () => send.grant(receive.takeGrant(offset));
          while (message < sizes.length || waiting.length > 0) {
            const bytes = Math.min(FRAGMENT_BYTES, (sizes[message] ?? 0) - offset);
            const sends = message < sizes.length && send.admits(bytes);
            if (sends) {
              send.take(bytes);
              receive.receive(bytes);
              offset += bytes;
              if (offset === sizes[message]) {
                waiting.push(offset);
                receive.hold(offset);
                held += offset;
                offset = 0;
                message++;
              }
              grant();
            }
            expect(held + offset).toBeLessThanOrEqual(Math.max(...sizes) + WINDOW_BYTES);
            const handles = waiting.length > 0 && (!sends || handlerRuns.next().value);
            if (handles) {
              held -= waiting[0]!;
              receive.release(waiting.shift()!);
              grant();
            }
            // A deadlock: nothing can be sent and nothing waits to be handled.
            expect(sends || handles).toBe(true);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
