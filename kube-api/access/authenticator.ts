import { createHash } from 'node:crypto';
import type { ServiceAccountTokens } from './service-account-tokens.ts';
import { ISSUER } from './service-account-tokens.ts';
import type { StaticToken } from './static-tokens.ts';
import { AUTHENTICATED, type UserInfo } from './user.ts';

export interface Identity {
  user: UserInfo;
  /** Of those that were asked for, the ones that the token is meant for. */
  audiences: readonly string[];
}

export interface AuthenticatorOptions {
  staticTokens: readonly StaticToken[];
  serviceAccountTokens: ServiceAccountTokens;
  /** Wall clock, milliseconds. */
  now(): number;
}

const digest = (text: string): string => createHash('sha256').update(text).digest('base64');

/** Finds out who is behind a bearer token. */
export class Authenticator {
  // By digest: neither the lookup's time nor a dump of the heap tells a token.
  readonly #staticUsers: ReadonlyMap<string, UserInfo>;
  readonly #serviceAccountTokens: ServiceAccountTokens;
  readonly #now: () => number;

  constructor({ staticTokens, serviceAccountTokens, now }: AuthenticatorOptions) {
    this.#staticUsers = new Map(staticTokens.map(({ token, user }) => [digest(token), user]));
    this.#serviceAccountTokens = serviceAccountTokens;
    this.#now = now;
  }

  /** The identity behind a token that is meant for one of `audiences`, this server by default; undefined if there is none. */
  identify(token: string, audiences: readonly string[] = []): Identity | undefined {
    const wanted = audiences.length > 0 ? audiences : [ISSUER];
    const known = this.#staticUsers.get(digest(token));
    const found = known
      ? { user: known, audiences: [ISSUER] }
      : this.#serviceAccountTokens.identify(token, this.#now());
    if (!found) return undefined;
    const common = wanted.filter((audience) => found.audiences.includes(audience));
    if (common.length === 0) return undefined;
    const groups = [...new Set([...found.user.groups, AUTHENTICATED])];
    return { user: { ...found.user, groups }, audiences: common };
  }

  /** Who sent a request with this Authorization header; undefined when nobody that is known here. */
  identifyHeader(authorization: string | undefined): UserInfo | undefined {
    const token = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    return token === undefined ? undefined : this.identify(token)?.user;
  }
}
