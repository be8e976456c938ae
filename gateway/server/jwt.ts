import {
  createLocalJWKSet,
  createRemoteJWKSet,
  errors,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose';
import type { Clock } from '../../lib/clock.ts';
import { messageOf, OctographError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Principal, Rights, TokenVerifier } from './authentication.ts';
import { isLoopback } from './door.ts';
import { watchFile } from './watched-file.ts';

export interface JwtOptions {
  /** JWKS: a file, read again when it changes, or an https URL (http on loopback), fetched when a key is not known. */
  jwks: string;
  issuer: string;
  /** One of the token's audiences must be this one. */
  audience: string;
  /** Claim with the principal's name. Default `sub`. */
  nameClaim?: string;
  /** Claim that is `read` or `write`. Default `rights`. */
  rightsClaim?: string;
  /** Claim with a list of groups. Default `groups`. */
  groupsClaim?: string;
  /** Groups that may read, and that may write, where the token has no rights claim. */
  readGroups?: readonly string[];
  writeGroups?: readonly string[];
  /** Claim with a list of namespaces that the principal is confined to. Default `namespaces`; absent: all. */
  namespacesClaim?: string;
  clock: Clock;
  logger: Logger;
}

type KeySource = JWTVerifyGetKey;

/** Signed with a private key: a shared secret in a JWKS, or none at all, is no signature. */
const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];

/**
 * JSON Web Tokens of one issuer. A token without `exp` is refused, and so is one that says of no right.
 * @throws OctographError `JWKS_INVALID` when the file cannot be used at the start, or the URL is no safe one
 */
export function createJwtVerifier(options: JwtOptions): TokenVerifier {
  const { issuer, audience, clock, logger } = options;
  const keys = options.jwks.includes('://') ? remoteKeys(options.jwks) : fileKeys(options.jwks, logger);
  return {
    async verify(token) {
      // Another verifier's: a JWT has three parts.
      if (token.split('.').length !== 3) return undefined;
      try {
        const { payload } = await jwtVerify(token, keys(), {
          issuer,
          audience,
          algorithms,
          requiredClaims: ['exp'],
          currentDate: new Date(clock.now()),
        });
        return principalOf(payload, options);
      } catch (error) {
        if (isRefusal(error)) return undefined;
        logger.warn({ reason: messageOf(error) }, 'a JWT could not be checked');
        throw error;
      }
    },
  };
}

/** What says of the token that it is wrong, rather than of us that we cannot know. */
const isRefusal = (error: unknown): boolean =>
  error instanceof errors.JOSEError &&
  !(error instanceof errors.JWKSTimeout) &&
  error.code !== 'ERR_JOSE_GENERIC';

function principalOf(payload: JWTPayload, options: JwtOptions): Principal | undefined {
  const { nameClaim = 'sub', groupsClaim = 'groups', namespacesClaim = 'namespaces' } = options;
  const name = payload[nameClaim];
  const groups = textsOf(payload[groupsClaim]);
  const rights = rightsOf(payload, groups, options);
  if (typeof name !== 'string' || name === '' || !rights) return undefined;
  const principal: Principal = { name, rights, groups, expiresAt: payload.exp! * 1000 };
  if (payload[namespacesClaim] === undefined) return principal;
  // Confined by a claim that we cannot read is confined to nothing.
  return {
    ...principal,
    rules: [{ verbs: ['*'], resources: ['*'], namespaces: textsOf(payload[namespacesClaim]) }],
  };
}

function rightsOf(
  payload: JWTPayload,
  groups: readonly string[],
  { rightsClaim = 'rights', readGroups = [], writeGroups = [] }: JwtOptions,
): Rights | undefined {
  const claimed = payload[rightsClaim];
  if (claimed !== undefined) return claimed === 'read' || claimed === 'write' ? claimed : undefined;
  if (groups.some((group) => writeGroups.includes(group))) return 'write';
  return groups.some((group) => readGroups.includes(group)) ? 'read' : undefined;
}

const textsOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];

function remoteKeys(text: string): () => KeySource {
  const url = URL.parse(text);
  if (!url || (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname)))) {
    throw new OctographError('JWKS_INVALID', `JWKS ${text}: expected a file or an https URL`);
  }
  const remote = createRemoteJWKSet(url, {
    timeoutDuration: 5000,
    cooldownDuration: 30_000,
    cacheMaxAge: 600_000,
  });
  const keys: KeySource = async (header, token) => {
    try {
      return await remote(header, token);
    } catch (error) {
      const known = remote.jwks();
      // The issuer is away: the keys that it had go on.
      if (isRefusal(error) || !known) throw error;
      return createLocalJWKSet(known)(header, token);
    }
  };
  return () => keys;
}

const fileKeys = (path: string, logger: Logger): (() => KeySource) =>
  watchFile<KeySource>({
    path,
    what: 'JWKS',
    code: 'JWKS_INVALID',
    parse: (text) => createLocalJWKSet(JSON.parse(text) as JSONWebKeySet),
    nothing: createLocalJWKSet({ keys: [] }),
    logger,
  });
