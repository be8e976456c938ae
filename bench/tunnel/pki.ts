import { createCertificateAuthority, issueCertificate, signCertificate } from '../../lib/certificates.ts';
import type { TlsFiles } from '../../tunnel/tls-files.ts';

const DAY_MS = 24 * 3_600_000;

/** An authority, the gateway's certificate, and one for each of `count` nodes; these share a key, which saves minutes. */
export async function createFleetPki(count: number) {
  const now = Date.now();
  const ca = await createCertificateAuthority({ commonName: 'bench', now, validForMs: DAY_MS });
  const shared = { ca, now, validForMs: DAY_MS };
  const server = await issueCertificate({
    ...shared,
    subject: { commonName: 'gateway' },
    hosts: ['127.0.0.1', '10.99.2.2'],
    usage: 'server',
  });
  const subject = (name: string) => ({ commonName: `system:node:${name}`, organization: 'system:nodes' });
  const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ]);
  const pkcs8 = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  const key = `-----BEGIN PRIVATE KEY-----\n${pkcs8.replace(/.{64}/g, '$&\n')}\n-----END PRIVATE KEY-----\n`;
  const nodes: Array<{ name: string; tls: TlsFiles }> = [];
  for (let index = 0; index < count; index++) {
    const name = `edge-${index}`;
    const cert = await signCertificate({
      ...shared,
      subject: subject(name),
      usage: 'client',
      publicKey: keys.publicKey,
    });
    nodes.push({ name, tls: { ca: ca.certificatePem, cert, key } });
  }
  return { server: { ca: ca.certificatePem, cert: server.certificatePem, key: server.keyPem }, nodes };
}

export type FleetPki = Awaited<ReturnType<typeof createFleetPki>>;
