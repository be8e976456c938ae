/** Items on their way and not acknowledged, at the begin of a connection, at least, and at most. */
const START = 64;
const LEAST = 16;
const MOST = 4000;
/** Milliseconds that what comes now may wait behind what is on its way, beside what any way takes. */
const WAIT_MS = 300;

interface Sent {
  seq: number;
  at: number;
  /** Half of the window or more was on its way with it. */
  isFull: boolean;
}

/**
 * [W38] How many items may be on their way: so many that the line is busy, so few that what is urgent does not wait long behind them.
 * It learns from the acknowledgements: the quickest one of the connection is the way there and back; what one takes beyond it is
 * the queue that we made. Items are counted by a position that grows: updates by the store's, devices that are asked for by how many
 * there were. Times are monotonic, milliseconds.
 */
export class DrainWindow {
  #size = START;
  #wayMs = Number.POSITIVE_INFINITY;
  /** Messages on their way, in order; each holds one item at least, so there are at most `MOST`. */
  #sent: Sent[] = [];
  #lastSentSeq = 0;
  /** Up to here it was sent before the window was what it is: its acknowledgements do not judge it. */
  #judgedFrom = 0;

  get size(): number {
    return this.#size;
  }

  /** A message went out, whose last item is `seq`; `inFlight` items are on their way with it. */
  sent(seq: number, inFlight: number, now: number): void {
    this.#lastSentSeq = seq;
    this.#sent.push({ seq, at: now, isFull: 2 * inFlight >= this.#size });
  }

  acknowledged(seq: number, now: number): void {
    let last: Sent | undefined;
    while ((this.#sent[0]?.seq ?? Number.POSITIVE_INFINITY) <= seq) last = this.#sent.shift();
    if (!last) return;
    const tookMs = now - last.at;
    this.#wayMs = Math.min(this.#wayMs, tookMs);
    const queuedMs = tookMs - this.#wayMs;
    if (last.seq <= this.#judgedFrom) return;
    if (queuedMs > WAIT_MS) this.#resize(Math.max(LEAST, (this.#size * WAIT_MS) / queuedMs));
    // Where the window was not what held us back, its acknowledgement says nothing of a larger one.
    else if (last.isFull) this.#resize(Math.min(MOST, this.#size * (queuedMs < WAIT_MS / 2 ? 2 : 1.125)));
  }

  #resize(size: number): void {
    this.#size = Math.floor(size);
    this.#judgedFrom = this.#lastSentSeq;
  }
}
