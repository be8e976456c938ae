/** The last minute of one value: what a sparkline draws. One sample per bucket, so that it is redrawn once a second at most. */
export class Trail {
  readonly #samples: number[] = [];
  #bucket = -1;

  /**
   * @param value not a number: a hole
   * @param now monotonic ms
   * @returns whether a reader would see a difference
   */
  push(value: number, now: number): boolean {
    const bucket = Math.floor(now / BUCKET_MS);
    if (bucket === this.#bucket) {
      this.#samples[this.#samples.length - 1] = value;
      return false;
    }
    const last = this.#samples.at(-1);
    // A value holds until the next one comes.
    const missed = this.#bucket === -1 ? 0 : Math.min(bucket - this.#bucket - 1, BUCKETS);
    for (let index = 0; index < missed; index++) this.#samples.push(last!);
    this.#samples.push(value);
    if (this.#samples.length > BUCKETS) this.#samples.splice(0, this.#samples.length - BUCKETS);
    this.#bucket = bucket;
    return true;
  }

  /** Oldest first, {@link BUCKETS} at most. */
  get samples(): readonly number[] {
    return this.#samples;
  }
}

const BUCKET_MS = 1000;
export const BUCKETS = 60;

/** An SVG path through the samples, newest at the right edge, its range filling the height. Empty for fewer than two. */
export function sparklinePath(samples: readonly number[], width: number, height: number): string {
  const known = samples.filter(Number.isFinite);
  if (known.length < 2) return '';
  const low = Math.min(...known);
  const span = Math.max(...known) - low;
  const step = width / (BUCKETS - 1);
  const left = width - (samples.length - 1) * step;
  // Joined once: a string that grows piece by piece stays in its pieces, some 60 per tile.
  const path: string[] = [];
  let isDown = false;
  samples.forEach((sample, index) => {
    if (!Number.isFinite(sample)) {
      isDown = false;
      return;
    }
    const y = span === 0 ? height / 2 : height - ((sample - low) / span) * height;
    path.push(`${isDown ? 'L' : 'M'}${(left + index * step).toFixed(1)} ${y.toFixed(1)}`);
    isDown = true;
  });
  return path.join('');
}
