import { backoffDelay } from '../lib/backoff.ts';
import type { Clock } from '../lib/clock.ts';
import type { Closable, Close } from '../lib/disposables.ts';
import { codeOf, messageOf } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import { KubernetesError } from './kubernetes-error.ts';
import { WorkQueue } from './work-queue.ts';
import { UNFENCED, type WriteFence } from './write-fence.ts';

export interface ReconcilerOptions {
  /** What it does, for the log: `write node status`. */
  what: string;
  /** Brings the cluster to what is wanted of the key; called again after it throws. Never twice at once for one key. */
  reconcile: (key: string, signal: AbortSignal) => Promise<void>;
  /** Nothing is reconciled before this resolves. */
  after: Promise<unknown>;
  /** Nothing is reconciled but within a term; keys wait for the next one. @default always */
  fence?: WriteFence;
  clock: Clock;
  /** 0 ≤ random() < 1 */
  random: () => number;
  logger: Logger;
  /** Keys worked on at once. @default 4 */
  concurrency?: number;
  /** The longest wait before another try. @default 30_000 */
  retryCapMs?: number;
}

export interface Reconciler extends Closable {
  enqueue(key: string): void;
  /** Those of the keys that wait come next. */
  prioritize(keys: Iterable<string>): void;
  /** Keys that wait. */
  readonly size: number;
  /** Whether keys are worked on: `after` is over, and a term is on. */
  readonly working: boolean;
  /**
   * How long the oldest key has waited although it could be worked on, in milliseconds: what it waited for `after` or for a
   * term does not count. 0 when none waits.
   */
  readonly oldestAgeMs: number;
}

const RETRY_BASE_MS = 500;

/** Works keys off, level-based: what counts is the state when a key's turn comes, however often it was enqueued before. */
export function startReconciler({
  what,
  reconcile,
  after,
  fence = UNFENCED,
  clock,
  random,
  logger,
  concurrency = 4,
  retryCapMs = 30_000,
}: ReconcilerOptions): Reconciler {
  const queue = new WorkQueue();
  const backoff = { baseMs: RETRY_BASE_MS, capMs: retryCapMs, random };
  const closing = new AbortController();
  const running = new Set<Promise<void>>();
  let started = false;
  /** When `started` or the last term began. */
  let workingSince = 0;
  let failing = false;
  /** 429 is about us, not about one key: all of them wait. */
  let pausedUntil = 0;
  let cancelWake: Close = () => {};

  const canWork = () => started && fence.term !== undefined && !closing.signal.aborted;

  function pump(): void {
    cancelWake();
    if (!canWork()) return;
    const now = clock.monotonic();
    while (now >= pausedUntil && queue.working < concurrency) {
      const key = queue.take(now);
      if (key === undefined) break;
      const run = work(key).finally(() => running.delete(run));
      running.add(run);
    }
    const nextAt = now < pausedUntil ? pausedUntil : queue.nextDueAt;
    if (nextAt !== undefined && queue.working < concurrency) cancelWake = clock.setTimer(nextAt - now, pump);
  }

  async function work(key: string): Promise<void> {
    try {
      await reconcile(key, closing.signal);
      queue.done(key);
      if (failing) logger.info({ key }, `can ${what} again`);
      failing = false;
    } catch (error) {
      if (closing.signal.aborted) return;
      const now = clock.monotonic();
      queue.failed(key, now, (failures) => backoffDelay(failures, backoff));
      if (error instanceof KubernetesError && error.retryAfterMs) pausedUntil = now + error.retryAfterMs;
      // A conflict means that our cache lags behind somebody's write, and the end of a term is told elsewhere: the retry is
      // the whole answer to both.
      if (!failing && codeOf(error) !== 'KUBERNETES_CONFLICT' && fence.term) {
        failing = true;
        logger.warn({ key, error: messageOf(error) }, `cannot ${what}; trying again`);
      }
    }
    pump();
  }

  function begin(): void {
    workingSince = clock.monotonic();
    pump();
  }
  after.then(() => {
    started = true;
    begin();
  });
  const unlisten = fence.onTerm(begin);

  return {
    enqueue(key) {
      queue.add(key, clock.monotonic());
      pump();
    },
    prioritize(keys) {
      queue.moveToHead(keys);
      pump();
    },
    get size() {
      return queue.size;
    },
    get working() {
      return canWork();
    },
    get oldestAgeMs() {
      const since = queue.oldestSince;
      return since === undefined || !canWork() ? 0 : clock.monotonic() - Math.max(since, workingSince);
    },
    async close() {
      closing.abort();
      unlisten();
      cancelWake();
      await Promise.all(running);
    },
  };
}
