import { isIP } from 'node:net';

/** What the door looks at of a request, before anything of it is parsed. */
export interface DoorRequest {
  method: string;
  headers: Record<string, string | string[] | undefined>;
  /** The address that the connection arrived at. */
  localAddress: string | undefined;
}

export interface DoorRules {
  scheme: 'http' | 'https';
  /** Queries by GET are answered. Default: they are. */
  get?: boolean;
  allowedHosts: readonly string[];
  allowedOrigins: readonly string[];
}

export interface Refusal {
  status: number;
  code: string;
  message: string;
  headers?: Record<string, string>;
}

/**
 * Keeps web pages out of a gateway that trusts its network: the Host must be a name of ours, or else a page could
 * reach us under a name that it had rebound to our address; an Origin must be our own or a listed one.
 */
export function judgeSender(request: DoorRequest, rules: DoorRules): Refusal | undefined {
  const host = headerOf(request, 'host');
  if (!isAllowedHost(host, request.localAddress, rules.allowedHosts)) {
    return {
      status: 403,
      code: 'HOST_NOT_ALLOWED',
      message: `Host ${JSON.stringify(host ?? '')} is not a name of this server: add it to the allowed hosts if it should be`,
    };
  }
  const origin = headerOf(request, 'origin');
  if (origin !== undefined && !isOwnOrigin(origin, host, rules) && !isListedOrigin(origin, rules)) {
    return {
      status: 403,
      code: 'ORIGIN_NOT_ALLOWED',
      message: `Origin ${JSON.stringify(origin)} is neither this server nor listed in the allowed origins`,
    };
  }
  return undefined;
}

/** A GraphQL request must be one that no foreign page can send without asking first. */
export function judgeGraphqlRequest(request: DoorRequest, rules: DoorRules): Refusal | undefined {
  if (rules.get === false && request.method !== 'POST') {
    return {
      status: 405,
      code: 'METHOD_NOT_ALLOWED',
      message: `GraphQL takes POST here, not ${request.method}`,
      headers: { allow: 'POST' },
    };
  }
  if (request.method === 'GET') {
    const site = headerOf(request, 'sec-fetch-site');
    const foreign = site === 'cross-site' || site === 'same-site';
    // A listed origin says so in its Origin header, which an image, a script or a link does not send.
    if (foreign && !isListedOrigin(headerOf(request, 'origin'), rules)) {
      return {
        status: 403,
        code: 'CROSS_SITE_GET',
        message: `a GET query from another site (Sec-Fetch-Site: ${site}) is refused: use POST with application/json`,
      };
    }
  }
  if (request.method === 'POST' && !isJson(headerOf(request, 'content-type'))) {
    return {
      status: 415,
      code: 'UNSUPPORTED_MEDIA_TYPE',
      message: `Content-Type ${JSON.stringify(headerOf(request, 'content-type') ?? '')} is not accepted: expected application/json in UTF-8`,
      headers: { accept: 'application/json' },
    };
  }
  return undefined;
}

/** CORS headers, for listed origins only; `undefined` means that the browser gets none. */
export function corsHeaders(request: DoorRequest, rules: DoorRules): Record<string, string> | undefined {
  const origin = headerOf(request, 'origin');
  if (origin === undefined || !isListedOrigin(origin, rules)) return undefined;
  const headers: Record<string, string> = { 'access-control-allow-origin': origin, vary: 'Origin' };
  if (request.method === 'OPTIONS') {
    headers['access-control-allow-methods'] = 'GET, POST';
    headers['access-control-allow-headers'] =
      headerOf(request, 'access-control-request-headers') ?? 'content-type, authorization';
    headers['access-control-max-age'] = '600';
  }
  return headers;
}

/** True for names and addresses that cannot be reached from another machine. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function isAllowedHost(
  host: string | undefined,
  localAddress: string | undefined,
  allowed: readonly string[],
) {
  const { name, port } = splitHost(host ?? '');
  if (!name) return false;
  if (isLoopback(name)) return true;
  // An address, unlike a name, cannot be rebound: probes and scrapers that use ours are welcome.
  if (isIP(name) !== 0 && name === localAddress?.replace(/^::ffff:/, '')) return true;
  return allowed.some((entry) => {
    const rule = splitHost(entry);
    return rule.name === name && (rule.port === undefined || rule.port === port);
  });
}

function splitHost(host: string): { name?: string; port?: string } {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::(\d{1,5}))?$/i.exec(host);
  return { name: (match?.[1] ?? match?.[2])?.toLowerCase(), port: match?.[3] };
}

const isOwnOrigin = (origin: string, host: string | undefined, { scheme }: DoorRules): boolean =>
  normalOrigin(origin) !== undefined && normalOrigin(origin) === normalOrigin(`${scheme}://${host}`);

const isListedOrigin = (origin: string | undefined, { allowedOrigins }: DoorRules): boolean =>
  origin !== undefined &&
  normalOrigin(origin) !== undefined &&
  allowedOrigins.some((entry) => normalOrigin(entry) === normalOrigin(origin));

/** `scheme://name[:port]` in lower case without a default port; undefined for `null` and what is no http origin. */
function normalOrigin(origin: string): string | undefined {
  const url = URL.parse(origin);
  return url && (url.protocol === 'http:' || url.protocol === 'https:') ? url.origin : undefined;
}

function isJson(contentType: string | undefined): boolean {
  const [type, ...parameters] = (contentType ?? '')
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  if (type !== 'application/json') return false;
  return parameters.every(
    (parameter) => !parameter.startsWith('charset=') || /^charset="?utf-8"?$/.test(parameter),
  );
}

export function headerOf({ headers }: Pick<DoorRequest, 'headers'>, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}
