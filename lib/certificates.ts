import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';

/** A certificate with its private key (PKCS#8), both PEM. The key belongs in a file of mode 0600. */
export interface KeyedCertificate {
  certificatePem: string;
  keyPem: string;
}

export interface Subject {
  commonName: string;
  organization?: string;
}

export interface CertificateAuthorityOptions {
  commonName: string;
  /** Wall clock, milliseconds. */
  now: number;
  validForMs: number;
}

export interface CertificateOptions {
  ca: KeyedCertificate;
  subject: Subject;
  /** DNS names and IP addresses that the certificate stands for. A server needs at least one. */
  hosts?: readonly string[];
  usage: 'server' | 'client';
  /** Wall clock, milliseconds. */
  now: number;
  /** Cut to the authority's own end: a leaf that outlives it would never verify. */
  validForMs: number;
}

export interface SignOptions extends CertificateOptions {
  publicKey: x509.PublicKey | CryptoKey;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

// A peer whose clock is a little behind must not refuse a certificate made this minute. A short life is moved back less:
// who renews it counts from its beginning.
const BACKDATED_MS = 5 * 60_000;

/** A new self-signed authority, ECDSA P-256, that signs leaf certificates only. */
export async function createCertificateAuthority({
  commonName,
  now,
  validForMs,
}: CertificateAuthorityOptions): Promise<KeyedCertificate> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: createSerialNumber(),
    name: nameOf({ commonName }),
    notBefore: new Date(now - BACKDATED_MS),
    notAfter: new Date(now + validForMs),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return {
    certificatePem: toCertificatePem(certificate),
    keyPem: toKeyPem(await crypto.subtle.exportKey('pkcs8', keys.privateKey)),
  };
}

/** A new key and a certificate for it, signed by `ca`, for one usage only. */
export async function issueCertificate(options: CertificateOptions): Promise<KeyedCertificate> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificatePem = await signCertificate({ ...options, publicKey: keys.publicKey });
  return { certificatePem, keyPem: toKeyPem(await crypto.subtle.exportKey('pkcs8', keys.privateKey)) };
}

/** A certificate for somebody else's key, PEM, signed by `ca`, for one usage only. */
export async function signCertificate({
  ca,
  subject,
  hosts = [],
  usage,
  now,
  validForMs,
  publicKey,
}: SignOptions): Promise<string> {
  const authority = new x509.X509Certificate(ca.certificatePem);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: createSerialNumber(),
    subject: nameOf(subject),
    issuer: authority.subjectName,
    notBefore: new Date(now - Math.min(BACKDATED_MS, validForMs / 10)),
    notAfter: new Date(Math.min(now + validForMs, authority.notAfter.getTime())),
    signingAlgorithm: ALGORITHM,
    publicKey,
    signingKey: await importPrivateKey(ca.keyPem),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([
        usage === 'server' ? x509.ExtendedKeyUsage.serverAuth : x509.ExtendedKeyUsage.clientAuth,
      ]),
      await x509.AuthorityKeyIdentifierExtension.create(authority),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
      ...(hosts.length > 0 ? [new x509.SubjectAlternativeNameExtension(hosts.map(alternativeName))] : []),
    ],
  });
  return toCertificatePem(certificate);
}

function nameOf({ commonName, organization }: Subject): x509.Name {
  // As typed values: from plain strings x509 takes only what stands in quotes, and a leading # for DER, so that
  // a peer who chooses its own name could become another.
  return new x509.Name([
    ...(organization ? [{ O: [{ utf8String: organization }] }] : []),
    { CN: [{ utf8String: commonName }] },
  ]);
}

function alternativeName(host: string): x509.JsonGeneralName {
  return { type: isIP(host) ? 'ip' : 'dns', value: host };
}

/** 127 random bits in hexadecimal; the leading 0 bit keeps the DER integer positive. */
function createSerialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0]! & 0x7f) | 0x40;
  return bytes.toString('hex');
}

const toCertificatePem = (certificate: x509.X509Certificate) => `${certificate.toString('pem')}\n`;

const toKeyPem = (pkcs8: ArrayBuffer) => `${x509.PemConverter.encode(pkcs8, 'PRIVATE KEY')}\n`;

function importPrivateKey(pem: string) {
  const [der] = x509.PemConverter.decode(pem);
  if (!der) throw new Error('the certificate authority has no private key in PEM form');
  return crypto.subtle.importKey('pkcs8', der, ALGORITHM, false, ['sign']);
}
