import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader, ByteWriter } from '../../store/history/bytes.ts';
import { ChunkWriter, type Point, readChunk } from '../../store/history/chunk.ts';
import { decodeJournal, encodeJournal } from '../../store/history/journal.ts';
import type { HistoryEntry } from '../../twin/history.ts';

const NOW = 1_700_000_000_000;

const value = fc.oneof(
  fc.integer({ min: -1000, max: 1000 }),
  fc.maxSafeInteger(),
  fc.integer({ min: -10_000, max: 10_000 }).map((units) => units / 100),
  fc.float({ noNaN: true, noDefaultInfinity: true }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.string({ unit: 'binary', maxLength: 20 }).map((text) => text.toWellFormed()),
  fc.constant(null),
);
const point: fc.Arbitrary<Point & { heldMs: number }> = fc
  .record({
    at: fc.oneof(
      fc.integer({ min: NOW, max: NOW + 100_000 }),
      fc.integer({ min: 0, max: 4_102_444_800_000 }),
    ),
    value: value.map((v) => (v === 0 ? 0 : v)),
    quality: fc.constantFrom('GOOD' as const, 'UNCERTAIN' as const, 'BAD' as const),
    raw: fc.option(fc.constantFrom('', 'timeout', 'größer'), { nil: undefined }),
    heldMs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 1_000_000_000 })),
  })
  .map(({ raw, ...rest }) => (raw === undefined ? rest : { ...rest, raw }));

function write(writer: ChunkWriter, points: ReadonlyArray<Point & { heldMs: number }>): HistoryEntry[] {
  return points.map(({ heldMs, ...each }) => {
    writer.append(each);
    writer.hold(each.at + heldMs);
    return { ...each, until: each.at + heldMs };
  });
}

function entriesOf(writer: ChunkWriter): HistoryEntry[] {
  const entries: HistoryEntry[] = [];
  readChunk(writer.toChunk(), (entry) => entries.push(entry));
  return entries;
}

describe('bytes', () => {
  it('bring every number and text back', () => {
    fc.assert(
      fc.property(
        fc.maxSafeInteger(),
        fc.maxSafeInteger(),
        fc.double(),
        fc.string({ unit: 'grapheme' }),
        (a, b, c, d) => {
          const writer = new ByteWriter();
          writer.varint(Math.abs(a));
          writer.signed(Math.trunc(b / 2));
          writer.double(c);
          writer.text(d);
          const reader = new ByteReader(writer.toBytes());
          expect([reader.varint(), reader.signed(), reader.double(), reader.text(), reader.isAtEnd]).toEqual([
            Math.abs(a),
            Math.trunc(b / 2) + 0,
            c,
            d,
            true,
          ]);
        },
      ),
    );
  });

  it('that end too early are an error', () => {
    expect(() => new ByteReader(new Uint8Array([0x80])).varint()).toThrow(RangeError);
    expect(() => new ByteReader(new Uint8Array([5, 65])).text()).toThrow(RangeError);
    expect(() => new ByteReader(new Uint8Array([1])).double()).toThrow(RangeError);
  });
});

describe('a chunk', () => {
  it('[S10] brings every entry back, whatever its value, quality and time', () => {
    fc.assert(
      fc.property(fc.array(point, { maxLength: 50 }), (points) => {
        const writer = new ChunkWriter();
        const expected = write(writer, points);
        expect(entriesOf(writer)).toEqual(expected);
      }),
      { numRuns: 1000 },
    );
  });

  it('[S10] goes on where it was stored, as if it had never been', () => {
    fc.assert(
      fc.property(fc.array(point, { maxLength: 30 }), fc.nat(30), (points, cut) => {
        const whole = new ChunkWriter();
        write(whole, points);
        const before = new ChunkWriter();
        write(before, points.slice(0, cut));
        const resumed = ChunkWriter.resume(before.toChunk(), () => {});
        write(resumed, points.slice(cut));
        expect(resumed.toChunk()).toEqual(whole.toChunk());
      }),
    );
  });

  it('[S10] names its range and count', () => {
    const writer = new ChunkWriter();
    writer.append({ at: NOW + 5, value: 1, quality: 'GOOD' });
    writer.append({ at: NOW, value: 2, quality: 'GOOD' });
    writer.hold(NOW + 50);
    expect(writer.toChunk()).toMatchObject({ fromAt: NOW, toAt: NOW + 50, heldMs: 50, count: 2 });
  });

  it.each([
    ['a decimal that moves a little', (n: number) => Math.round(210 + 5 * Math.sin(n / 9)) / 10, 2.1],
    [
      'a float32 that moves a little',
      (n: number) => Math.fround(Math.round(210 + 5 * Math.sin(n / 9)) / 10),
      2.1,
    ],
    ['a counter', (n: number) => n * 3, 2.1],
    ['a switch', (n: number) => n % 2 === 0, 2.1],
    ['a full double', (n: number) => Math.sin(n), 10.2],
  ])('[S10] holds %s in few bytes', (_, valueAt, bytes) => {
    const writer = new ChunkWriter();
    const count = 1000;
    for (let n = 0; n < count; n++) {
      writer.append({ at: NOW + n * 1000 + ((n * 7) % 20), value: valueAt(n), quality: 'GOOD' });
    }
    expect(writer.length / count).toBeLessThan(bytes);
    expect(entriesOf(writer).map((entry) => entry.value)).toEqual(
      Array.from({ length: count }, (__, n) => valueAt(n)),
    );
  });
});

it('[S10] a journal record brings back which reading was of which property', () => {
  const points = fc.array(
    fc.record({
      series: fc.integer({ min: 1, max: 1e9 }),
      point: point.map(({ heldMs: _, ...rest }) => rest),
    }),
  );
  fc.assert(
    fc.property(points, (all) => {
      expect(decodeJournal(encodeJournal(all))).toEqual(all);
    }),
  );
});
