import 'reflect-metadata';
import { createPublicKey } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { describe, expect, it } from 'vitest';
import { readCertificateRequest } from '../../../cloud/enrolment/certificate-request.ts';
import {
  createCertificateRequest,
  createKey,
  keyToPem,
} from '../../../edge-node/enrolment/certificate-request.ts';

describe('the certificate request of a node', () => {
  it.each(['edge-a', 'a', 'edge-7.site-1.example', 'n'.repeat(253)])(
    '[E5] for %s is what an X.509 library reads, with the key of the node',
    async (nodeName) => {
      const key = createKey();
      const pem = createCertificateRequest(nodeName, key);
      const request = new x509.Pkcs10CertificateRequest(pem);
      expect(request.subjectName.getField('CN')).toEqual([`system:node:${nodeName}`]);
      expect(request.subjectName.getField('O')).toEqual(['system:nodes']);
      expect(await request.verify()).toBe(true);
      const expected = createPublicKey(key).export({ type: 'spki', format: 'der' });
      expect(Buffer.from(request.publicKey.rawData).equals(expected)).toBe(true);
      expect(await readCertificateRequest(pem)).toMatchObject({ nodeName });
    },
  );

  it('[E5] does not hold the private key', () => {
    const key = createKey();
    const secret = key.export({ format: 'jwk' }).d as string;
    const pem = createCertificateRequest('edge-a', key);
    const body = Buffer.from(pem.replace(/-----.*?-----/g, ''), 'base64');
    expect(body.includes(Buffer.from(secret, 'base64url'))).toBe(false);
    expect(keyToPem(key)).toMatch(/^-----BEGIN PRIVATE KEY-----/);
  });
});

describe('a request that is not to be trusted', () => {
  const altered = (change: (der: Buffer) => void): string => {
    const pem = createCertificateRequest('edge-a', createKey());
    const der = Buffer.from(pem.replace(/-----.*?-----/g, ''), 'base64');
    change(der);
    return `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`;
  };

  it('[E4] with another name than its key signed is refused', async () => {
    const pem = altered((der) => der.write('edge-b', der.indexOf('edge-a')));
    await expect(readCertificateRequest(pem)).rejects.toThrow('its signature is not by its key');
  });

  it.each([
    ['no PEM', 'hello', 'it is not one in PEM form'],
    ['nothing', '', 'it is not one in PEM form'],
    ['garbage in PEM', altered((der) => der.fill(0x30)), 'refused'],
    ['a node name that is none', createCertificateRequest('Edge_A', createKey()), 'CN=system:node:Edge_A'],
    ['no name at all', createCertificateRequest('', createKey()), 'expected CN=system:node:<name>'],
  ])('[E4] that is %s is refused in words', async (_what, pem, words) => {
    await expect(readCertificateRequest(pem)).rejects.toThrow(words);
  });

  it.each([
    [
      'RSA',
      {
        name: 'RSASSA-PKCS1-v1_5',
        hash: 'SHA-256',
        publicExponent: new Uint8Array([1, 0, 1]),
        modulusLength: 1024,
      },
    ],
    ['P-384', { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' }],
  ])('[E4] with a key of %s is refused', async (_what, algorithm) => {
    const keys = (await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as CryptoKeyPair;
    const request = await x509.Pkcs10CertificateRequestGenerator.create({
      name: 'CN=system:node:edge-a, O=system:nodes',
      keys,
      signingAlgorithm: algorithm,
    });
    await expect(readCertificateRequest(request.toString('pem'))).rejects.toThrow('expected ECDSA P-256');
  });

  it('[E4] that names itself twice is refused', async () => {
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
    const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
    const request = await x509.Pkcs10CertificateRequestGenerator.create({
      name: 'CN=system:node:edge-a, CN=system:node:edge-b, O=system:nodes',
      keys,
      signingAlgorithm: algorithm,
    });
    await expect(readCertificateRequest(request.toString('pem'))).rejects.toThrow(
      'expected CN=system:node:<name>',
    );
  });
});
