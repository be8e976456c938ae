import { X509Certificate } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { codeOf, messageOf, OctographError } from '../../lib/errors.ts';
import { identityOf } from '../../tunnel/identity.ts';
import type { TlsFiles } from '../../tunnel/tls-files.ts';

/** What makes this node itself: its key and certificate, the authority that it trusts, and where the cloud is. */
export interface NodeIdentity {
  nodeName: string;
  /** `wss://host:port`, where it joined. */
  cloud: string;
  tls: TlsFiles;
  /** Wall clock, milliseconds. */
  validFrom: number;
  validTo: number;
}

/** In the data directory, mode 0600: one file, so that key and certificate change together or not at all. */
export const IDENTITY_FILE = 'identity.json';

interface Stored {
  cloud: string;
  key: string;
  certificate: string;
  authority: string;
}

/**
 * Undefined where the node has not joined yet.
 * @throws OctographError `IDENTITY_INVALID`, naming the file
 */
export function readIdentity(dataDir: string): NodeIdentity | undefined {
  const path = join(dataDir, IDENTITY_FILE);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw invalid(path, messageOf(error), error);
  }
  try {
    return identityFrom(JSON.parse(text) as Stored);
  } catch (error) {
    throw invalid(path, messageOf(error), error);
  }
}

/** Durable when it returns. */
export function writeIdentity(
  dataDir: string,
  { cloud, tls }: Pick<NodeIdentity, 'cloud' | 'tls'>,
): NodeIdentity {
  const stored: Stored = { cloud, key: tls.key, certificate: tls.cert, authority: tls.ca };
  const path = join(dataDir, IDENTITY_FILE);
  mkdirSync(dataDir, { recursive: true });
  const file = openSync(`${path}.new`, 'w', 0o600);
  try {
    writeSync(file, `${JSON.stringify(stored, null, 2)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(`${path}.new`, path);
  syncDirectory(dirname(path));
  return identityFrom(stored);
}

function identityFrom({ cloud, key, certificate, authority }: Stored): NodeIdentity {
  const own = new X509Certificate(certificate);
  const identity = identityOf(own.toLegacyObject().subject);
  if (!identity.ok) throw new Error(identity.reason);
  return {
    nodeName: identity.nodeName,
    cloud,
    tls: { ca: authority, cert: certificate, key },
    validFrom: own.validFromDate.getTime(),
    validTo: own.validToDate.getTime(),
  };
}

/** The new name is on disk only when its directory is. */
function syncDirectory(path: string): void {
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

const invalid = (path: string, why: string, cause: unknown) =>
  new OctographError(
    'IDENTITY_INVALID',
    `${path} is not what this node joined with: ${why}; join again with a new token`,
    {
      cause,
    },
  );
