import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProtocolError } from '../../tunnel/close-codes.ts';
import { MAX_KEYS, UpdateDecoder, UpdateEncoder } from '../../tunnel/update-rows.ts';
import type { Twin } from '../../twin/twin.ts';

const name = fc.constantFrom('a', 'b', 'c', '__proto__', '');
const scalar = fc.oneof(fc.double(), fc.integer(), fc.string(), fc.boolean(), fc.constant(null));
const instant = fc.oneof(
  fc.integer({ min: 0, max: 2 ** 45 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

const twins: fc.Arbitrary<Twin> = fc.record({
  device: name,
  uid: name,
  property: name,
  seq: fc.nat({ max: 2 ** 50 }),
  reported: optional(
    fc.record({
      value: scalar,
      raw: optional(fc.string()),
      quality: fc.constantFrom('GOOD' as const, 'BAD' as const),
      observedAt: instant,
    }),
  ),
  observedDesired: optional(fc.record({ value: scalar, setBy: optional(fc.string()) })),
  confirmed: optional(scalar),
  sync: fc.record({
    state: fc.constantFrom('NONE' as const, 'IN_SYNC' as const),
    since: instant,
    reason: optional(fc.string()),
  }),
});

const reading = (property: string, seq: number, value = 20): Twin => ({
  device: 'default/a',
  uid: 'u',
  property,
  seq,
  reported: { value, quality: 'GOOD', observedAt: 1_700_000_000_000 + seq },
  sync: { state: 'NONE', since: 1 },
});

describe('update rows', () => {
  it('[W13] bring every update as it was, over all messages of a connection', () => {
    fc.assert(
      fc.property(fc.array(fc.array(twins, { maxLength: 12 }), { maxLength: 8 }), (messages) => {
        const [encoder, decoder] = [new UpdateEncoder(), new UpdateDecoder()];
        for (const updates of messages) expect(decoder.decode(encoder.encode(updates))).toEqual(updates);
      }),
      { numRuns: 3000 },
    );
  });

  it('[W13] name a property once, and say nothing of what is as it was', () => {
    const encoder = new UpdateEncoder();
    encoder.encode([reading('a', 1), reading('b', 2)]);
    expect(encoder.encode([reading('b', 3, 21), reading('a', 4, 22)])).toEqual({
      keys: [],
      rows: [1, 3, 21, 1_700_000_000_003, 0, 1, 22, 1],
    });
  });

  it('[W13] say all of an update again where anything but the reading is another', () => {
    const changes: Array<Partial<Twin> & { addedLater?: number }> = [
      { sync: { state: 'IN_SYNC', since: 1 } },
      { sync: { state: 'NONE', since: 1, reason: 'x' } },
      { observedDesired: { value: 1 } },
      { confirmed: 3 },
      { reported: { value: 20, quality: 'BAD', observedAt: 5 } },
      { reported: { value: 20, raw: '20.0', quality: 'GOOD', observedAt: 5 } },
      { addedLater: 1 },
    ];
    for (const change of changes) {
      const encoder = new UpdateEncoder();
      encoder.encode([reading('a', 1)]);
      const { rows } = encoder.encode([{ ...reading('a', 2), ...change }]);
      expect(rows).toHaveLength(3);
      expect(rows[2]).toMatchObject(change);
    }
  });

  it('[W13] begin anew before there are too many properties', () => {
    const [encoder, decoder] = [new UpdateEncoder(), new UpdateDecoder()];
    const half = (from: number) =>
      Array.from({ length: MAX_KEYS / 2 }, (_, index) => reading(`p${from + index}`, from + index));
    let resets = 0;
    for (let round = 0; round < 5; round++) {
      const updates = half(1 + (round * MAX_KEYS) / 2);
      const rows = encoder.encode(updates);
      if (rows.reset) resets++;
      expect(decoder.decode(rows)).toEqual(updates);
    }
    expect(resets).toBe(2);
  });

  it.each<[object, string]>([
    [{}, 'keys: expected a list'],
    [{ keys: [], rows: {} }, 'rows: expected a list'],
    [{ keys: [['a', 'b']], rows: [] }, 'a key is no list of device, uid and property'],
    [{ keys: [], rows: [0, 1, 2, 3] }, 'property number 0, expected one below 0'],
    [{ keys: [['a', 'b', 'c']], rows: [0, 1, 2, 3] }, 'a reading of c alone, expected all of it first'],
    [{ keys: [['a', 'b', 'c']], rows: [0.5] }, 'property number: expected a whole number'],
    [{ keys: [['a', 'b', 'c']], rows: [0, '1'] }, 'seq: expected a whole number'],
    [{ keys: [['a', 'b', 'c']], rows: [-1, 1, {}] }, 'property number -1'],
    [
      { keys: Array.from({ length: MAX_KEYS + 1 }, () => ['a', 'b', 'c']), rows: [] },
      'more than 65536 properties',
    ],
  ])('[W13] that are none are refused in words', (rows, words) => {
    expect(() => new UpdateDecoder().decode(rows)).toThrow(words);
  });

  it('[W13] of anything are decoded, or refused with a ProtocolError', () => {
    const cell = fc.oneof(fc.integer({ min: -2, max: 5 }), fc.anything());
    fc.assert(
      fc.property(fc.array(fc.array(fc.string())), fc.array(cell), (keys, rows) => {
        try {
          new UpdateDecoder().decode({ keys, rows });
        } catch (error) {
          if (!(error instanceof ProtocolError)) throw error;
        }
      }),
      { numRuns: 10_000 },
    );
  });
});
