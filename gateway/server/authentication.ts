import { messageOf } from '../../lib/errors.ts';
import type { AccessRule, Authorizer } from './authorization.ts';

/** Who asks, as data: whatever is in it, also of a verifier's own, parts one authorization scope from another. */
export interface Principal {
  name: string;
  /** What it may do at most: `read` refuses every mutation before anything is asked. */
  rights: Rights;
  groups?: readonly string[];
  /** What it may do within its rights. Absent: everything. */
  rules?: readonly AccessRule[];
  /** Wall clock, milliseconds: its credentials are void then. */
  expiresAt?: number;
}

export type Rights = 'read' | 'write';

/** Everything of a principal that a resolver may read: who have the same may share what was executed for one of them. */
export function scopeOf({ expiresAt: _expiresAt, ...rest }: Principal): string {
  return JSON.stringify(Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Knows tokens. An unknown token is undefined. What throws says that it cannot be known now: nobody is let in, who is in stays a while. */
export interface TokenVerifier {
  verify(token: string): Principal | undefined | Promise<Principal | undefined>;
}

export interface AccessOptions {
  /** Rights without a token. Only on a loopback listener, and never for what came through a proxy. Default: none. */
  anonymous?: Rights;
  /** Default: no token is known. */
  tokens?: TokenVerifier;
  /** Answers what a principal may do. Default: its rights and rules do. */
  authorizer?: Authorizer;
  /** Host names beyond the loopback ones: `name` with any port, or `name:port`. */
  allowedHosts?: readonly string[];
  /** Origins beyond the listener's own: `https://console.example.com`. They also get CORS. */
  allowedOrigins?: readonly string[];
}

export interface Credentials {
  /** The `Authorization` header, or what a WebSocket sent in its `connection_init`. */
  authorization: string | undefined;
  /** The request carries `Forwarded` or `X-Forwarded-*`: its sender is not the one at the other end of the socket. */
  forwarded: boolean;
}

export type Authentication =
  | { kind: 'authenticated'; principal: Principal }
  /** No usable credentials. */
  | { kind: 'missing'; reason: string }
  /** Credentials that are wrong: never replaced by anonymous rights. */
  | { kind: 'rejected'; reason: string }
  /** Nobody can say now. */
  | { kind: 'unavailable'; reason: string };

export const anonymousName = 'anonymous';

export async function authenticate(
  { authorization, forwarded }: Credentials,
  { anonymous, tokens }: AccessOptions,
): Promise<Authentication> {
  if (authorization === undefined) {
    if (!anonymous) return { kind: 'missing', reason: 'this request needs "Authorization: Bearer <token>"' };
    if (forwarded) {
      return {
        kind: 'missing',
        reason:
          'anonymous access is for local callers, and this request was forwarded: it needs a Bearer token',
      };
    }
    return { kind: 'authenticated', principal: { name: anonymousName, rights: anonymous } };
  }
  const token = /^Bearer +([^\s]+) *$/i.exec(authorization)?.[1];
  if (!token) return { kind: 'rejected', reason: 'Authorization must be "Bearer <token>"' };
  let principal: Principal | undefined;
  try {
    principal = await tokens?.verify(token);
  } catch (error) {
    return { kind: 'unavailable', reason: `the Bearer token cannot be checked now: ${messageOf(error)}` };
  }
  if (!principal) return { kind: 'rejected', reason: 'the Bearer token is not known here' };
  return { kind: 'authenticated', principal };
}

export function isForwarded(headers: Record<string, unknown>): boolean {
  for (const name in headers) if (name === 'forwarded' || name.startsWith('x-forwarded-')) return true;
  return false;
}
