import type { Clock } from '../lib/clock.ts';
import type { Close } from '../lib/disposables.ts';
import { OctographError } from '../lib/errors.ts';

export interface GroupCommitOptions<Write> {
  clock: Clock;
  /** Milliseconds that a write may wait for others. */
  windowMs: number;
  /** The same while somebody awaits `durable()`. */
  awaitedWindowMs: number;
  /** Brings the writes to disk, all or none; throws when the disk refuses. */
  commit: (writes: readonly Write[]) => void;
  /** Called after each commit, in order. It may put, and flush. */
  onCommitted: (writes: readonly Write[]) => void;
  /** Called for each commit that failed; its writes stay queued and are tried again. */
  onError: (error: unknown) => void;
}

/** Writes of one commit: more would hold up the event loop for longer than a reader should wait. */
const COMMIT_LIMIT = 1000;
/** Writes held while the disk refuses them; beyond this, `put` throws rather than eat the memory. */
export const BACKLOG_LIMIT = 200_000;
/** Milliseconds between two tries while the disk refuses. */
const RETRY_MS = 250;

/** [S2] Gathers writes for a moment, so that one fsync serves many: 7 000 commits/s become 100 000 rows/s and more. */
export class GroupCommit<Write> {
  readonly #options: GroupCommitOptions<Write>;
  #writes: Write[] = [];
  /** Writes put, and writes committed, since the start. */
  #put = 0;
  #committed = 0;
  #waiting: Array<{ upTo: number; resolve: () => void; reject: (error: unknown) => void }> = [];
  #timer: { ms: number; cancel: Close } | undefined;
  #isFailing = false;
  #isClosed = false;
  #toNotify: Array<readonly Write[]> = [];
  #isNotifying = false;

  constructor(options: GroupCommitOptions<Write>) {
    this.#options = options;
  }

  /** @throws OctographError `STORE_BACKLOG` when the disk refuses for too long, `STORE_CLOSED` after `close` */
  put(write: Write): void {
    if (this.#isClosed)
      throw new OctographError('STORE_CLOSED', 'the store is closed: it takes no more writes');
    if (this.#writes.length >= BACKLOG_LIMIT) {
      throw new OctographError(
        'STORE_BACKLOG',
        `${BACKLOG_LIMIT} writes wait for the disk: the store takes no more`,
      );
    }
    this.#writes.push(write);
    this.#put++;
    if (!this.#isFailing) this.#scheduleNext();
  }

  /** [S3] Resolves when everything put so far is on disk; rejects with the disk's first refusal. */
  durable(): Promise<void> {
    if (this.#writes.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiting.push({ upTo: this.#put, resolve, reject });
      if (!this.#isFailing) this.#scheduleNext();
    });
  }

  /** Commits everything put so far, now. @returns false where the disk refused */
  flush(): boolean {
    const upTo = this.#put;
    while (this.#committed < upTo) if (!this.#commitNext()) return false;
    return true;
  }

  /** Commits what is left, and takes no more. @throws what the disk refused it with; what was left is lost then */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#cancelTimer();
    while (this.#writes.length > 0) {
      if (this.#commitNext()) continue;
      this.#cancelTimer();
      throw new OctographError(
        'STORE_NOT_SAVED',
        `${this.#writes.length} writes were lost: the disk refused them`,
      );
    }
  }

  #commitNext(): boolean {
    const writes = this.#writes.slice(0, COMMIT_LIMIT);
    try {
      this.#options.commit(writes);
    } catch (error) {
      this.#fail(error);
      return false;
    }
    this.#isFailing = false;
    this.#writes = this.#writes.slice(writes.length);
    this.#committed += writes.length;
    this.#cancelTimer();
    this.#settle();
    if (this.#writes.length > 0) this.#scheduleNext();
    this.#notify(writes);
    return true;
  }

  #fail(error: unknown): void {
    this.#isFailing = true;
    this.#cancelTimer();
    this.#schedule(RETRY_MS);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { reject } of waiting) reject(error);
    this.#options.onError(error);
  }

  #settle(): void {
    const settled = this.#waiting.filter(({ upTo }) => upTo <= this.#committed);
    this.#waiting = this.#waiting.filter(({ upTo }) => upTo > this.#committed);
    for (const { resolve } of settled) resolve();
  }

  /** A listener may flush: what that commits is told after what is being told now. */
  #notify(writes: readonly Write[]): void {
    this.#toNotify.push(writes);
    if (this.#isNotifying) return;
    this.#isNotifying = true;
    try {
      for (let next = this.#toNotify.shift(); next; next = this.#toNotify.shift()) {
        this.#options.onCommitted(next);
      }
    } finally {
      this.#isNotifying = false;
    }
  }

  #scheduleNext(): void {
    const { windowMs, awaitedWindowMs } = this.#options;
    const window = this.#waiting.length > 0 ? Math.min(windowMs, awaitedWindowMs) : windowMs;
    this.#schedule(this.#writes.length >= COMMIT_LIMIT ? 0 : window);
  }

  #schedule(ms: number): void {
    if (this.#timer && this.#timer.ms <= ms) return;
    this.#cancelTimer();
    const cancel = this.#options.clock.setTimer(ms, () => {
      this.#timer = undefined;
      this.#commitNext();
    });
    this.#timer = { ms, cancel };
  }

  #cancelTimer(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
