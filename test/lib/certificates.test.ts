import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import {
  createCertificateAuthority,
  issueCertificate,
  type KeyedCertificate,
} from '../../lib/certificates.ts';
import { listen } from '../../lib/listen.ts';

const DAY_MS = 24 * 3_600_000;
const closers: Array<() => void> = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

const createCa = (commonName = 'test authority') =>
  createCertificateAuthority({ commonName, now: Date.now(), validForMs: 10 * DAY_MS });
const issue = (ca: KeyedCertificate, usage: 'server' | 'client', commonName: string) =>
  issueCertificate({
    ca,
    usage,
    subject: { commonName, organization: 'octograph:nodes' },
    hosts: usage === 'server' ? ['localhost', '127.0.0.1'] : [],
    now: Date.now(),
    validForMs: DAY_MS,
  });

test('an issued certificate is signed by its authority and names its hosts', async () => {
  const ca = await createCa();
  const { certificatePem } = await issue(ca, 'server', 'edge-a');
  const certificate = new X509Certificate(certificatePem);
  expect(certificate.verify(new X509Certificate(ca.certificatePem).publicKey)).toBe(true);
  expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
  expect(certificate.checkHost('localhost')).toBe('localhost');
});

test.each(['edge-b "edge-a"', '#0c06656467652d61', 'edge, a + 1', ' CN=x\\'])(
  'a common name of %j is kept to the letter',
  async (commonName) => {
    const { certificatePem } = await issue(await createCa(commonName), 'client', commonName);
    const { subject, issuer } = new X509Certificate(certificatePem).toLegacyObject();
    expect(subject).toMatchObject({ CN: commonName, O: 'octograph:nodes' });
    expect(issuer).toMatchObject({ CN: commonName });
  },
);

test('a leaf never outlives its authority', async () => {
  const now = Date.now();
  const ca = await createCertificateAuthority({ commonName: 'short', now, validForMs: DAY_MS });
  const { certificatePem } = await issueCertificate({
    ca,
    subject: { commonName: 'long' },
    usage: 'client',
    now,
    validForMs: 100 * DAY_MS,
  });
  expect(new X509Certificate(certificatePem).validToDate).toEqual(
    new X509Certificate(ca.certificatePem).validToDate,
  );
});

test('both ends of a mutual TLS connection accept each other, and a foreign client is refused', async () => {
  const ca = await createCa();
  const server = await issue(ca, 'server', 'server');
  const client = await issue(ca, 'client', 'edge-a');
  const stranger = await issue(await createCa('other authority'), 'client', 'edge-a');
  const tls = createServer({
    key: server.keyPem,
    cert: server.certificatePem,
    ca: ca.certificatePem,
    requestCert: true,
    rejectUnauthorized: true,
  });
  closers.push(() => tls.close());
  const port = await listen(tls, { host: '127.0.0.1', port: 0 }, 'the test');
  const dial = (as: KeyedCertificate) => {
    const socket = connect({
      host: '127.0.0.1',
      port,
      ca: ca.certificatePem,
      key: as.keyPem,
      cert: as.certificatePem,
    });
    closers.push(() => socket.destroy());
    return socket;
  };

  const accepted = once(tls, 'secureConnection') as Promise<[TLSSocket]>;
  const socket = dial(client);
  await once(socket, 'secureConnect');
  const [peer] = await accepted;
  expect(peer.getPeerCertificate().subject.CN).toBe('edge-a');
  peer.destroy();

  const refused = once(tls, 'tlsClientError');
  dial(stranger).on('error', () => {});
  await refused;
});
