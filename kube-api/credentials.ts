import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createCertificateAuthority, issueCertificate, type KeyedCertificate } from '../lib/certificates.ts';

const YEAR_MS = 365 * 24 * 3_600_000;
const AUTHORITY_VALID_MS = 10 * YEAR_MS;
const SERVER_VALID_MS = YEAR_MS;

export interface Credentials {
  ca: KeyedCertificate;
  server: KeyedCertificate;
  /** Of the administrator. */
  token: string;
  /** Signs the tokens of service accounts: an EC private key, PKCS#8. */
  serviceAccountKeyPem: string;
}

export interface CredentialsOptions {
  stateDir: string;
  /** What the server is called by its clients: names and addresses. */
  hosts: readonly string[];
  /** Wall clock, milliseconds. */
  now: number;
}

/**
 * The authority and the token made at the first start and kept, so that a kubeconfig stays good; the server's own
 * certificate is made anew at each start, for the address that it listens on now.
 */
export async function loadCredentials({ stateDir, hosts, now }: CredentialsOptions): Promise<Credentials> {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const ca = await loadAuthority(stateDir, now);
  const server = await issueCertificate({
    ca,
    subject: { commonName: 'octograph-kube' },
    hosts,
    usage: 'server',
    now,
    validForMs: SERVER_VALID_MS,
  });
  return { ca, server, token: loadToken(stateDir), serviceAccountKeyPem: loadServiceAccountKey(stateDir) };
}

async function loadAuthority(stateDir: string, now: number): Promise<KeyedCertificate> {
  const keyFile = join(stateDir, 'ca.key');
  const certificateFile = join(stateDir, 'ca.crt');
  if (existsSync(keyFile) && existsSync(certificateFile)) {
    return { keyPem: readFileSync(keyFile, 'utf8'), certificatePem: readFileSync(certificateFile, 'utf8') };
  }
  const ca = await createCertificateAuthority({
    commonName: 'octograph embedded kubernetes',
    now,
    validForMs: AUTHORITY_VALID_MS,
  });
  writePrivateFile(keyFile, ca.keyPem);
  writePrivateFile(certificateFile, ca.certificatePem);
  return ca;
}

function loadToken(stateDir: string): string {
  const file = join(stateDir, 'token');
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  const token = randomBytes(32).toString('base64url');
  writePrivateFile(file, `${token}\n`);
  return token;
}

function loadServiceAccountKey(stateDir: string): string {
  const file = join(stateDir, 'service-accounts.key');
  if (existsSync(file)) return readFileSync(file, 'utf8');
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  writePrivateFile(file, pem);
  return pem;
}

/** Mode 0600 from its first byte, and whole or not there at all. */
export function writePrivateFile(file: string, text: string): void {
  const draft = `${file}.new`;
  writeFileSync(draft, text, { mode: 0o600, flush: true });
  renameSync(draft, file);
}
