import type { Clock } from '../lib/clock.ts';
import { OctographError } from '../lib/errors.ts';

/** A call into a mapper that did not come back in time: the device is slow, or the mapper hangs. */
export class DeadlineError extends OctographError {
  constructor(what: string, ms: number) {
    super('DEVICE_TIMEOUT', `${what} took longer than ${Math.round(ms)} ms`);
    this.name = 'DeadlineError';
  }
}

/**
 * Runs `call` with a signal that aborts after `ms`, and rejects then even if `call` goes on.
 * @param outer ends the call too, with its own reason.
 * @throws DeadlineError naming `what` and the time.
 */
export function withDeadline<T>(
  clock: Clock,
  ms: number,
  what: string,
  call: (signal: AbortSignal) => Promise<T>,
  outer?: AbortSignal,
): Promise<T> {
  if (outer?.aborted) return Promise.reject(outer.reason);
  const controller = new AbortController();
  return new Promise<T>((resolve, reject) => {
    const fail = (error: unknown) => {
      controller.abort(error);
      reject(error);
    };
    const onOuter = () => fail(outer?.reason);
    const cancel = clock.setTimer(ms, () => fail(new DeadlineError(what, ms)));
    outer?.addEventListener('abort', onOuter, { once: true });
    // Inside a promise, because a mapper may throw before it returns one.
    new Promise<T>((settle) => settle(call(controller.signal))).then(resolve, reject).finally(() => {
      cancel();
      outer?.removeEventListener('abort', onOuter);
    });
  });
}
