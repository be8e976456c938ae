import { OctographError } from '../lib/errors.ts';

const TIMEOUT_LIMIT_MS = 60_000;
const KEY_LIMIT = 256;

/**
 * @returns the milliseconds that a request waits for its outcome; 5000 where it does not say
 * @throws OctographError `BAD_USER_INPUT`
 */
export function timeoutFrom(timeoutMs: number | null | undefined, least: number): number {
  const given = timeoutMs ?? 5000;
  if (given >= least && given <= TIMEOUT_LIMIT_MS) return given;
  throw new OctographError(
    'BAD_USER_INPUT',
    `timeoutMs is ${given}: expected ${least} to ${TIMEOUT_LIMIT_MS}`,
  );
}

/**
 * @returns undefined where none is given
 * @throws OctographError `BAD_USER_INPUT`: keys are kept, so they have a bound
 */
export function idempotencyKeyFrom(key: string | null | undefined): string | undefined {
  if (key == null) return undefined;
  if (key !== '' && key.length <= KEY_LIMIT) return key;
  throw new OctographError(
    'BAD_USER_INPUT',
    `idempotencyKey has ${key.length} characters: expected 1 to ${KEY_LIMIT}`,
  );
}
