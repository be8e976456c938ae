import { readFileSync } from 'node:fs';
import {
  type AccessOptions,
  createJwtVerifier,
  createPersistedDocuments,
  createTokenFile,
  defaultLimits,
  firstThatKnows,
  type GraphqlListener,
  type Guards,
  type Limits,
  type TokenVerifier,
} from '../../gateway/index.ts';
import { systemClock } from '../../lib/clock.ts';
import { OctographError } from '../../lib/errors.ts';
import type { Listener } from '../../lib/listen.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Options, Settings } from '../settings.ts';

/** Settings of a GraphQL listener: the same for the cloud and for an edge node. */
export const ACCESS_OPTIONS: Options = {
  anonymous: {
    kind: 'choice',
    choices: ['none', 'read', 'write'],
    default: 'none',
    help: 'rights without a token, on a loopback listener only',
  },
  'token-file': { kind: 'text', help: 'file with lines token,name,read|write' },
  'jwt-jwks': { kind: 'text', help: 'keys of JSON Web Tokens: a JWKS file or an https URL' },
  'jwt-issuer': { kind: 'text', help: 'the issuer that a JWT must name' },
  'jwt-audience': { kind: 'text', help: 'the audience that a JWT must name' },
  'jwt-read-groups': { kind: 'list', help: 'groups whose JWTs may read, where they have no rights claim' },
  'jwt-write-groups': { kind: 'list', help: 'groups whose JWTs may write, where they have no rights claim' },
  'allowed-hosts': { kind: 'list', help: 'Host names to answer to, beyond the loopback ones' },
  'allowed-origins': { kind: 'list', help: 'origins of web pages to answer, beyond our own' },
  'tls-cert': { kind: 'text', help: 'PEM file; with tls-key the API speaks https and wss' },
  'tls-key': { kind: 'text', help: 'PEM file' },
  graphiql: { kind: 'switch', default: true, help: 'serve GraphiQL at /graphiql/' },
  hardened: {
    kind: 'switch',
    default: false,
    help: 'no GET, introspection, suggestions or GraphiQL, and few directives',
  },
  limits: { kind: 'list', help: 'rows of the table in docs/access.md to change: depth=10,cost=5000' },
  'persisted-documents': { kind: 'text', help: 'JSON file of documents by their SHA-256' },
  'persisted-only': { kind: 'switch', default: false, help: 'execute no other documents than those' },
};

export function accessFrom(settings: Settings, logger: Logger): AccessOptions {
  const anonymous = settings.anonymous as 'none' | 'read' | 'write';
  const tokenFile = settings['token-file'] as string | undefined;
  const verifiers: TokenVerifier[] = [];
  if (tokenFile) verifiers.push(createTokenFile(tokenFile, logger));
  const jwt = jwtFrom(settings, logger);
  if (jwt) verifiers.push(jwt);
  return {
    anonymous: anonymous === 'none' ? undefined : anonymous,
    tokens: verifiers.length > 0 ? firstThatKnows(verifiers) : undefined,
    allowedHosts: settings['allowed-hosts'] as string[] | undefined,
    allowedOrigins: settings['allowed-origins'] as string[] | undefined,
  };
}

/** @throws OctographError `SETTINGS` naming the limit that is unknown or no number */
export function guardsFrom(settings: Settings, logger: Logger): Guards {
  const path = settings['persisted-documents'] as string | undefined;
  const only = settings['persisted-only'] as boolean;
  if (only && !path) {
    throw new OctographError('SETTINGS', '--persisted-only needs --persisted-documents');
  }
  return {
    limits: limitsFrom((settings.limits as string[] | undefined) ?? []),
    persisted: path ? createPersistedDocuments({ path, only, logger }) : undefined,
    hardened: settings.hardened as boolean,
  };
}

function limitsFrom(rows: readonly string[]): Partial<Limits> {
  const limits: Partial<Limits> = {};
  for (const row of rows) {
    const [name = '', text = ''] = row.split('=');
    const value = Number(text);
    if (!Object.hasOwn(defaultLimits, name)) {
      const known = Object.keys(defaultLimits).join(', ');
      throw new OctographError('SETTINGS', `--limits ${row}: expected one of ${known}`);
    }
    if (text.trim() === '' || !Number.isSafeInteger(value) || value < 1) {
      throw new OctographError('SETTINGS', `--limits ${row}: expected a whole number from 1 on`);
    }
    limits[name as keyof Limits] = value;
  }
  return limits;
}

function jwtFrom(settings: Settings, logger: Logger): TokenVerifier | undefined {
  const jwks = settings['jwt-jwks'] as string | undefined;
  if (!jwks) return undefined;
  const issuer = settings['jwt-issuer'] as string | undefined;
  const audience = settings['jwt-audience'] as string | undefined;
  if (!issuer || !audience) {
    throw new OctographError('SETTINGS', '--jwt-jwks needs --jwt-issuer and --jwt-audience');
  }
  return createJwtVerifier({
    jwks,
    issuer,
    audience,
    readGroups: settings['jwt-read-groups'] as string[] | undefined,
    writeGroups: settings['jwt-write-groups'] as string[] | undefined,
    clock: systemClock,
    logger,
  });
}

export function listenerFrom(settings: Settings): GraphqlListener {
  const cert = settings['tls-cert'] as string | undefined;
  const key = settings['tls-key'] as string | undefined;
  if (!cert !== !key)
    throw new OctographError('SETTINGS', '--tls-cert and --tls-key go together: one of them is missing');
  const listener = settings.listen as Listener;
  return cert && key
    ? { ...listener, tls: { cert: readPem('tls-cert', cert), key: readPem('tls-key', key) } }
    : listener;
}

/** @throws OctographError `SETTINGS` naming the setting and the file */
export function readPem(setting: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new OctographError('SETTINGS', `--${setting} ${path}: ${(error as Error).message}`);
  }
}

/** The three PEM files of a tunnel's end; undefined when none of them is set. */
export function tunnelTlsFrom(settings: Settings) {
  const names = ['tunnel-ca', 'tunnel-cert', 'tunnel-key'] as const;
  const paths = names.map((name) => settings[name] as string | undefined);
  if (paths.every((path) => path === undefined)) return undefined;
  const missing = names.filter((_name, index) => paths[index] === undefined);
  if (missing.length > 0) {
    throw new OctographError(
      'SETTINGS',
      `--${missing.join(' and --')} not set: ca, cert and key go together`,
    );
  }
  const [ca, cert, key] = names.map((name, index) => readPem(name, paths[index] as string)) as [
    string,
    string,
    string,
  ];
  return { ca, cert, key };
}

export const TUNNEL_TLS_OPTIONS: Options = {
  'tunnel-ca': { kind: 'text', help: 'PEM file: the authority of both ends of the tunnel' },
  'tunnel-cert': { kind: 'text', help: "PEM file: this end's certificate" },
  'tunnel-key': { kind: 'text', help: "PEM file: this end's key" },
};
