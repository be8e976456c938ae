import { createHash, timingSafeEqual, X509Certificate } from 'node:crypto';
import { OctographError } from '../lib/errors.ts';

/** [E2] What a new node shows once, and how it knows that it talks to the right gateway. */
export interface JoinToken {
  /** Names the token in logs; no secret. 12 hexadecimal digits. */
  id: string;
  /** 128 random bits as 32 hexadecimal digits; the cloud keeps its hash only. */
  secret: string;
  /** SHA-256 of the authority's certificate (DER), 64 hexadecimal digits. */
  authorityHash: string;
}

const FORM = /^([0-9a-f]{12})\.([0-9a-f]{32})\.([0-9a-f]{64})$/;

export const formatJoinToken = ({ id, secret, authorityHash }: JoinToken): string =>
  `${id}.${secret}.${authorityHash}`;

/** @throws OctographError `JOIN_TOKEN_INVALID`, without the token's text: it is a secret */
export function parseJoinToken(text: string): JoinToken {
  const [, id, secret, authorityHash] = FORM.exec(text.trim()) ?? [];
  if (!id || !secret || !authorityHash) {
    throw new OctographError(
      'JOIN_TOKEN_INVALID',
      `the token has ${text.trim().length} characters and is not of the form <id>.<secret>.<hash>, all hexadecimal: ` +
        'expected what octograph token create printed',
    );
  }
  return { id, secret, authorityHash };
}

/** SHA-256 in hexadecimal. */
export const hashOf = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

/** @throws when the text is no certificate */
export const authorityHashOf = (certificatePem: string): string =>
  hashOf(new X509Certificate(certificatePem).raw);

/** Compares two hashes in a time that tells nothing of where they differ. */
export const sameHash = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
