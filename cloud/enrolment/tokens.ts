import { randomBytes } from 'node:crypto';
import { toIso } from '../../lib/clock.ts';
import { OctographError } from '../../lib/errors.ts';
import { formatJoinToken, hashOf, sameHash } from '../../tunnel/join-token.ts';
import { isNamePattern, matchesPattern } from './name-pattern.ts';
import type { Secrets, StoredSecret } from './secrets.ts';

const PREFIX = 'octograph-join-token-';
const TYPE = 'octograph.dev/join-token';

/** A used or expired token stays so long, so that who shows it again is told what became of it. */
const KEPT_MS = 24 * 3_600_000;

export interface NewToken {
  /** With `*` for any characters: `edge-*`. */
  nodeNamePattern: string;
  /** Above 0. */
  validForMs: number;
  /** Wall clock, milliseconds. */
  now: number;
  authorityHash: string;
}

export interface TokenUse {
  id: string;
  secret: string;
  nodeName: string;
  /** Wall clock, milliseconds. */
  now: number;
}

/** Why a token is not taken, for the person who showed it and for the log. */
export interface TokenRefused {
  code: 'TOKEN_UNKNOWN' | 'TOKEN_USED' | 'TOKEN_EXPIRED' | 'TOKEN_OTHER_NODE';
  reason: string;
}

/**
 * [E3] Makes a token and stores what is needed to know it again: its hash, for whom and until when it is good.
 * @throws OctographError `TOKEN_PATTERN`
 */
export async function createJoinToken(
  secrets: Secrets,
  { nodeNamePattern, validForMs, now, authorityHash }: NewToken,
): Promise<string> {
  if (!isNamePattern(nodeNamePattern)) {
    throw new OctographError(
      'TOKEN_PATTERN',
      `node name pattern ${JSON.stringify(nodeNamePattern)}: expected a node name, with * for any characters, like edge-*`,
    );
  }
  await removeOld(secrets, now);
  const id = randomBytes(6).toString('hex');
  const secret = randomBytes(16).toString('hex');
  const created = await secrets.create(PREFIX + id, TYPE, {
    'secret-hash': hashOf(secret),
    'node-name-pattern': nodeNamePattern,
    'expires-at': toIso(now + validForMs),
  });
  if (!created) throw new OctographError('TOKEN_EXISTS', `a token ${id} exists already: try again`);
  return formatJoinToken({ id, secret, authorityHash });
}

/** [E4] Uses the token up; of two who show it at the same time one gets undefined, the other the refusal. */
export async function useJoinToken(secrets: Secrets, use: TokenUse): Promise<TokenRefused | undefined> {
  const stored = await secrets.read(PREFIX + use.id);
  const refusal = judge(stored, use);
  if (refusal || !stored) return refusal;
  const data = { ...stored.data, 'used-at': toIso(use.now), 'used-by': use.nodeName };
  if (await secrets.replace({ ...stored, data })) return undefined;
  return judge(await secrets.read(PREFIX + use.id), use) ?? notKnown(use.id);
}

function judge(stored: StoredSecret | undefined, { id, secret, nodeName, now }: TokenUse) {
  const data = stored?.data ?? {};
  // One answer for a wrong id and a wrong secret: who guesses is told nothing.
  if (!sameHash(data['secret-hash'] ?? '', hashOf(secret))) return notKnown(id);
  if (data['used-at']) {
    return refused(
      'TOKEN_USED',
      `token ${id} was used at ${data['used-at']} by node ${data['used-by']}: each is good once, create another one`,
    );
  }
  if (now >= Date.parse(data['expires-at'] ?? '')) {
    return refused('TOKEN_EXPIRED', `token ${id} expired at ${data['expires-at']}: create another one`);
  }
  const pattern = data['node-name-pattern'] ?? '';
  if (!matchesPattern(pattern, nodeName)) {
    return refused('TOKEN_OTHER_NODE', `token ${id} is for nodes named ${pattern}, not for ${nodeName}`);
  }
  return undefined;
}

const refused = (code: TokenRefused['code'], reason: string): TokenRefused => ({ code, reason });

const notKnown = (id: string) =>
  refused('TOKEN_UNKNOWN', `token ${id} is not known here: it is mistyped, of another cluster, or long past`);

async function removeOld(secrets: Secrets, now: number): Promise<void> {
  for (const { name, type, data } of await secrets.list()) {
    if (type === TYPE && now > Date.parse(data['expires-at'] ?? '') + KEPT_MS) await secrets.remove(name);
  }
}
