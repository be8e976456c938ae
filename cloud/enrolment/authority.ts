import { X509Certificate } from 'node:crypto';
import {
  createCertificateAuthority,
  issueCertificate,
  type KeyedCertificate,
} from '../../lib/certificates.ts';
import type { Clock } from '../../lib/clock.ts';
import { OctographError } from '../../lib/errors.ts';
import type { TlsFiles } from '../../tunnel/tls-files.ts';
import type { Secrets } from './secrets.ts';

const NAME = 'octograph-tunnel-ca';
const TYPE = 'kubernetes.io/tls';
const YEAR_MS = 365 * 24 * 3_600_000;
const AUTHORITY_MS = 10 * YEAR_MS;
const SERVER_MS = YEAR_MS;

/**
 * The authority of both ends of the tunnel, from its Secret; whoever asks first makes it.
 * @throws OctographError `AUTHORITY_INVALID` where the Secret holds something else
 */
export async function openAuthority(secrets: Secrets, clock: Clock): Promise<KeyedCertificate> {
  const stored = (await secrets.read(NAME)) ?? (await create(secrets, clock));
  const { 'tls.crt': certificatePem, 'tls.key': keyPem } = stored.data;
  if (!certificatePem || !keyPem) {
    const keys = Object.keys(stored.data).join(', ') || 'nothing';
    throw new OctographError(
      'AUTHORITY_INVALID',
      `Secret ${NAME} holds ${keys}; expected tls.crt and tls.key of the tunnel's authority`,
    );
  }
  return { certificatePem, keyPem };
}

async function create(secrets: Secrets, clock: Clock) {
  const { certificatePem, keyPem } = await createCertificateAuthority({
    commonName: 'octograph-tunnel',
    now: clock.now(),
    validForMs: AUTHORITY_MS,
  });
  await secrets.create(NAME, TYPE, { 'tls.crt': certificatePem, 'tls.key': keyPem });
  // Where another process was faster, its authority is the one.
  const stored = await secrets.read(NAME);
  if (stored) return stored;
  throw new OctographError('AUTHORITY_INVALID', `Secret ${NAME} was removed while it was being made`);
}

/** The gateway's own end: a certificate for `hosts`, made anew at each start and before it runs out. */
export async function issueGatewayTls(
  ca: KeyedCertificate,
  hosts: readonly string[],
  clock: Clock,
): Promise<TlsFiles> {
  const { certificatePem, keyPem } = await issueCertificate({
    ca,
    subject: { commonName: 'octograph-gateway' },
    hosts,
    usage: 'server',
    now: clock.now(),
    validForMs: SERVER_MS,
  });
  return { ca: ca.certificatePem, cert: certificatePem, key: keyPem };
}

/** Wall clock, milliseconds: the last fifth of its life is for what may go wrong. */
export function renewGatewayTlsAt({ cert }: TlsFiles): number {
  const { validFromDate, validToDate } = new X509Certificate(cert);
  return validFromDate.getTime() + 0.8 * (validToDate.getTime() - validFromDate.getTime());
}
