import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketDigests, bucketOf, DIGEST_BUCKETS, digestOf, type PlacedTwin } from '../../twin/digest.ts';

const placed = (seq: number, fields: Partial<PlacedTwin['twin']> = {}, storeId = 'store-1'): PlacedTwin => ({
  storeId,
  twin: {
    device: 'default/pump',
    uid: 'uid-pump',
    property: 'temperature',
    seq,
    reported: { value: 20, quality: 'GOOD', observedAt: 1_700_000_000_000 },
    sync: { state: 'NONE', since: 1 },
    ...fields,
  },
});

describe('a digest', () => {
  it('[W35] is the same for the same twins in any order, a safe integer, and 0 for none', () => {
    const twins = fc.array(
      fc.record({
        seq: fc.nat(),
        device: fc.string(),
        uid: fc.string(),
        property: fc.string(),
        storeId: fc.string(),
      }),
    );
    fc.assert(
      fc.property(twins, fc.nat(), (list, turn) => {
        const all = list.map(({ storeId, ...fields }) => placed(fields.seq, fields, storeId));
        const at = all.length === 0 ? 0 : turn % all.length;
        const digest = digestOf(all);
        expect(digestOf([...all.slice(at), ...all.slice(0, at)])).toBe(digest);
        expect(Number.isSafeInteger(digest) && digest >= 0).toBe(true);
      }),
    );
    expect(digestOf([])).toBe(0);
  });

  it.each<[string, PlacedTwin]>([
    ['position', placed(2)],
    ['position beyond 32 bits', placed(1 + 2 ** 32)],
    ['property', placed(1, { property: 'temperaturf' })],
    ['device', placed(1, { device: 'default/pumq' })],
    ['uid', placed(1, { uid: 'uid-2' })],
    ['boundary between uid and device', placed(1, { uid: 'uid-pumpd', device: 'efault/pump' })],
    ['store', placed(1, {}, 'store-2')],
    [
      'reading under that position',
      placed(1, { reported: { value: 20, quality: 'GOOD', observedAt: 1_700_000_000_001 } }),
    ],
    ['state under that position', placed(1, { sync: { state: 'IN_SYNC', since: 1 } })],
  ])('[W35] is another one for another %s', (_what, other) => {
    expect(digestOf([other])).not.toBe(digestOf([placed(1)]));
    expect(digestOf([other, placed(1)])).not.toBe(0);
  });

  it('[W35] tells 100 000 twins apart by a change of any one of them', () => {
    const seen = new Set(Array.from({ length: 100_000 }, (_, seq) => digestOf([placed(seq)])));
    expect(seen.size).toBe(100_000);
  });

  it('[W35] of a bucket is made of its devices’, of which each bucket has its share', () => {
    const devices = Array.from({ length: 10_000 }, (_, index) => ({ device: `default/device-${index}` }));
    const digests = devices.map(({ device }, index) => ({
      device,
      digest: digestOf([placed(index, { device })]),
    }));
    const buckets = bucketDigests(digests);
    expect(buckets).toHaveLength(DIGEST_BUCKETS);
    const inOne = digests.filter(({ device }) => bucketOf(device) === 7);
    expect(buckets[7]).toBe(
      digestOf(inOne.map(({ device }) => placed(Number(device.slice(15)), { device }))),
    );
    const sizes = Map.groupBy(devices, ({ device }) => bucketOf(device));
    expect(sizes.size).toBe(DIGEST_BUCKETS);
    expect(Math.max(...Array.from(sizes.values(), ({ length }) => length))).toBeLessThan(100);
  });
});
