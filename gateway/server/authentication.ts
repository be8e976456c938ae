/** Who asks. Rights are all or nothing for now: `write` includes `read`. */
export interface Principal {
  name: string;
  rights: Rights;
}

export type Rights = 'read' | 'write';

/** Everything of a principal that a resolver may read: who have the same may share what was executed for one of them. */
export function scopeOf(principal: Principal): string {
  return JSON.stringify(Object.entries(principal).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Knows tokens. An unknown token is undefined, never an exception: what throws is answered as an internal error. */
export interface TokenVerifier {
  verify(token: string): Principal | undefined | Promise<Principal | undefined>;
}

export interface AccessOptions {
  /** Rights without a token. Only on a loopback listener, and never for what came through a proxy. Default: none. */
  anonymous?: Rights;
  /** Default: no token is known. */
  tokens?: TokenVerifier;
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
  | { kind: 'rejected'; reason: string };

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
  const principal = await tokens?.verify(token);
  if (!principal) return { kind: 'rejected', reason: 'the Bearer token is not known here' };
  return { kind: 'authenticated', principal };
}

export function isForwarded(headers: Record<string, unknown>): boolean {
  for (const name in headers) if (name === 'forwarded' || name.startsWith('x-forwarded-')) return true;
  return false;
}
