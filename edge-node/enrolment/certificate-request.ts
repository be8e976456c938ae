import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** ECDSA P-256. */
export function createKey(): KeyObject {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
}

export const keyToPem = (key: KeyObject): string => String(key.export({ type: 'pkcs8', format: 'pem' }));

/**
 * PKCS #10, PEM, for O=system:nodes, CN=system:node:<name>, signed with SHA-256. By hand, because an edge node carries
 * everything that it imports: the X.509 library costs it 20 MB for these few lines. Source: RFC 2986, RFC 5758.
 */
export function createCertificateRequest(nodeName: string, key: KeyObject): string {
  const name = sequence(
    attribute(OID.organizationName, 'system:nodes'),
    attribute(OID.commonName, `system:node:${nodeName}`),
  );
  const publicKeyInfo = createPublicKey(key).export({ type: 'spki', format: 'der' });
  const info = sequence(VERSION_0, name, publicKeyInfo, NO_ATTRIBUTES);
  const request = sequence(info, sequence(OID.ecdsaWithSha256), bitString(sign('sha256', info, key)));
  const lines = request.toString('base64').replace(/.{64}/g, '$&\n').trim();
  return `-----BEGIN CERTIFICATE REQUEST-----\n${lines}\n-----END CERTIFICATE REQUEST-----\n`;
}

/** Tag and length before the content, DER (X.690). */
function element(tag: number, ...content: Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  const { length } = body;
  if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), body]);
  const head =
    length < 0x100 ? Buffer.of(tag, 0x81, length) : Buffer.of(tag, 0x82, length >> 8, length & 0xff);
  return Buffer.concat([head, body]);
}

const sequence = (...content: Uint8Array[]) => element(0x30, ...content);

/** Whole bytes: no bit of the last one is unused. */
const bitString = (bytes: Uint8Array) => element(0x03, Buffer.of(0), bytes);

const objectId = (hex: string) => element(0x06, Buffer.from(hex, 'hex'));

const OID = {
  /** 2.5.4.3 */
  commonName: objectId('550403'),
  /** 2.5.4.10 */
  organizationName: objectId('55040a'),
  /** 1.2.840.10045.4.3.2 */
  ecdsaWithSha256: objectId('2a8648ce3d040302'),
};

const VERSION_0 = element(0x02, Buffer.of(0));
const NO_ATTRIBUTES = element(0xa0);

/** One relative distinguished name with one UTF8String. */
const attribute = (type: Buffer, text: string) =>
  element(0x31, sequence(type, element(0x0c, Buffer.from(text, 'utf8'))));
