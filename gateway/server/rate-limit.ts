import type { Clock } from '../../lib/clock.ts';

interface Bucket {
  tokens: number;
  /** Monotonic, milliseconds. */
  filledAt: number;
}

/** Names held; the one that was not seen for longest goes first, with a full bucket when it comes again. */
const bucketsKept = 10_000;
/** What a name that was quiet may take at once, in seconds of its rate. */
const burstSeconds = 2;

/** A token bucket per name. */
export class RateLimit {
  readonly #perSecond: number;
  readonly #clock: Clock;
  readonly #buckets = new Map<string, Bucket>();

  constructor(perSecond: number, clock: Clock) {
    this.#perSecond = perSecond;
    this.#clock = clock;
  }

  /** @returns 0 when it is granted, otherwise the milliseconds until it would be */
  take(name: string, count: number): number {
    const now = this.#clock.monotonic();
    const bucket = this.#bucketOf(name, now);
    const most = this.#perSecond * burstSeconds;
    bucket.tokens = Math.min(most, bucket.tokens + ((now - bucket.filledAt) / 1000) * this.#perSecond);
    bucket.filledAt = now;
    // More than a full bucket is granted by a full one: it would never be otherwise.
    const needed = Math.min(count, most);
    if (bucket.tokens >= needed) {
      bucket.tokens -= needed;
      return 0;
    }
    return Math.ceil(((needed - bucket.tokens) / this.#perSecond) * 1000);
  }

  #bucketOf(name: string, now: number): Bucket {
    const bucket = this.#buckets.get(name) ?? { tokens: this.#perSecond * burstSeconds, filledAt: now };
    this.#buckets.delete(name);
    this.#buckets.set(name, bucket);
    if (this.#buckets.size > bucketsKept) this.#buckets.delete(this.#buckets.keys().next().value!);
    return bucket;
  }
}
