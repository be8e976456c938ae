const smallestBytes = 16 * 1024;
const largestBytes = 256 * 1024;

/**
 * How far events may run ahead of a client's reading. The kernel takes megabytes for a client that has stopped reading; a
 * thousand of those would keep the process busy with filling buffers that nobody empties. So pings mark places in what was
 * written, and their pongs confirm that it was read up to there. The window opens, doubling, for clients that it held up.
 */
export class SendWindow {
  #limit = smallestBytes;
  #written = 0;
  #confirmed = 0;
  /** Where the ping that is out stands. */
  #marked: number | undefined;
  #heldUp = false;

  /** False until a pong makes room. */
  get open(): boolean {
    if (this.#written - this.#confirmed < this.#limit) return true;
    this.#heldUp = true;
    return false;
  }

  /** @returns whether a ping is due, to be sent behind these bytes */
  add(bytes: number): boolean {
    this.#written += bytes;
    if (this.#marked !== undefined || this.#written - this.#confirmed < this.#limit / 2) return false;
    this.#marked = this.#written;
    return true;
  }

  /** The pong of that ping has come. @returns whether somebody was held up */
  confirm(): boolean {
    if (this.#marked === undefined) return false;
    this.#confirmed = this.#marked;
    this.#marked = undefined;
    const heldUp = this.#heldUp;
    this.#heldUp = false;
    if (heldUp) this.#limit = Math.min(this.#limit * 2, largestBytes);
    return heldUp;
  }
}
