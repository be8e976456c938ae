import { createHash, timingSafeEqual } from 'node:crypto';
import { unauthorized } from './status.ts';

/** What may be asked without a token: whether the server lives, and what it is. */
const OPEN_PATHS = new Set(['/livez', '/readyz', '/healthz', '/version']);

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Checks requests against the one token. */
export function createAuthenticator(token: string) {
  const expected = digest(token);
  /** @throws ApiError 401 */
  return (path: string, authorization: string | undefined): void => {
    if (OPEN_PATHS.has(path)) return;
    const given = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    // Digests have one length, so the comparison tells nothing of the token, not even its length.
    if (given === undefined || !timingSafeEqual(digest(given), expected)) throw unauthorized();
  };
}
