import type { Twin } from './twin.ts';

/**
 * Of a set of twins, 53 bits: equal sets have equal digests, in whatever order they were gathered; of sets that differ, one pair
 * in 2^53 has the same by chance. 0 is the empty set. No defence against forgers: a node speaks for itself.
 */
export type Digest = number;

/** A twin with the store that its position is of. */
export interface PlacedTwin {
  storeId: string;
  twin: Twin;
}

/** Devices are gathered in so many, a power of two; both ends of a tunnel must agree on it. */
export const DIGEST_BUCKETS = 256;

export const bucketOf = (device: string): number => new Mixer().text(device).end().low & (DIGEST_BUCKETS - 1);

/**
 * Of the order keys (T17), which say what the twin says; and of when it was read and how it stands, because a store that was set back
 * gives a position again, for something else. Fastest where the twins of one device follow one another.
 */
export function digestOf(twins: Iterable<PlacedTwin>): Digest {
  const sum = { high: 0, low: 0 };
  let place: { storeId: string; device: string; uid: string; mixed: Mixer } | undefined;
  for (const { storeId, twin } of twins) {
    const { device, uid, property, seq, reported, sync } = twin;
    if (place?.storeId !== storeId || place.device !== device || place.uid !== uid)
      place = { storeId, device, uid, mixed: new Mixer().text(storeId).text(uid).text(device) };
    const { high, low } = new Mixer(place.mixed)
      .text(property)
      .number(seq)
      .number(reported?.observedAt ?? 0)
      .text(sync.state)
      .text(sync.change ?? '')
      .end();
    sum.high ^= high;
    sum.low ^= low;
  }
  return digest(sum.high, sum.low);
}

/** One digest per bucket, from those of its devices. */
export function bucketDigests(devices: Iterable<{ device: string; digest: Digest }>): Digest[] {
  const sums = Array.from({ length: DIGEST_BUCKETS }, () => ({ high: 0, low: 0 }));
  for (const { device, digest } of devices) {
    const sum = sums[bucketOf(device)] as { high: number; low: number };
    sum.high ^= digest / HIGH;
    sum.low ^= digest % HIGH;
  }
  return sums.map(({ high, low }) => digest(high, low));
}

const HIGH = 2 ** 32;

const digest = (high: number, low: number): Digest => (high & 0x1fffff) * HIGH + (low >>> 0);

/** cyrb53, of the public domain: two multiplicative hashes, mixed with one another in the end. */
class Mixer {
  high: number;
  low: number;

  constructor({ high, low }: { high: number; low: number } = { high: 0x41c6ce57, low: 0xdeadbeef }) {
    this.high = high;
    this.low = low;
  }

  text(text: string): this {
    for (let at = 0; at < text.length; at++) this.#add(text.charCodeAt(at));
    // Where one text ends and the next begins is part of it.
    return this.number(text.length);
  }

  /** Up to the integer below it. */
  number(value: number): this {
    this.#add(value % HIGH);
    this.#add(value / HIGH);
    return this;
  }

  end(): this {
    const { high, low } = this;
    this.low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
    this.high =
      Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(this.low ^ (this.low >>> 13), 3266489909);
    return this;
  }

  #add(word: number): void {
    this.low = Math.imul(this.low ^ word, 2654435761);
    this.high = Math.imul(this.high ^ word, 1597334677);
  }
}
