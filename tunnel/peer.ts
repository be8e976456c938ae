import type { TLSSocket } from 'node:tls';
import { identityOf } from './identity.ts';

/** What the gateway knows of a node, all from its verified client certificate. */
export interface NodeCertificate {
  nodeName: string;
  /** Lower-case hexadecimal. */
  serialNumber: string;
  /** Wall clock, milliseconds. */
  validTo: number;
}

/** Who is on the other end of a TLS connection. */
export type Peer =
  | { kind: 'anonymous' }
  | { kind: 'node'; certificate: NodeCertificate }
  /** A certificate that proves nothing; the reason is for the operators of both ends. */
  | { kind: 'untrusted'; reason: string };

/** [W1][W2] `now`: wall clock, milliseconds. A resumed TLS session was verified earlier, so the end of validity is looked at again. */
export function peerOf(socket: TLSSocket, now: number): Peer {
  const certificate = socket.getPeerCertificate();
  // Node answers with an empty object where the client showed none.
  if (!certificate?.raw) return { kind: 'anonymous' };
  const validTo = Date.parse(certificate.valid_to);
  const validity = `its certificate is valid from ${certificate.valid_from} to ${certificate.valid_to}; the gateway's clock says ${new Date(now).toISOString()}`;
  if (!socket.authorized) return { kind: 'untrusted', reason: reasonOf(socket.authorizationError, validity) };
  if (now > validTo) return { kind: 'untrusted', reason: reasonOf('CERT_HAS_EXPIRED', validity) };
  const identity = identityOf(certificate.subject);
  if (!identity.ok) return { kind: 'untrusted', reason: identity.reason };
  const serialNumber = certificate.serialNumber.toLowerCase();
  return { kind: 'node', certificate: { nodeName: identity.nodeName, serialNumber, validTo } };
}

/** Why the node's certificate is no good: OpenSSL's code in an operator's words. */
function reasonOf(error: Error | string | null, validity: string): string {
  const code = String(error instanceof Error ? error.message : error);
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      return `the node's certificate has expired, join again with a new token: ${validity}`;
    case 'CERT_NOT_YET_VALID':
      return `the node's certificate is not valid yet: ${validity}`;
    case 'INVALID_PURPOSE':
      return "the node's certificate is not one for clients";
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'CERT_SIGNATURE_FAILURE':
      return `unknown authority: the node's certificate is not of this gateway's CA (${code})`;
    default:
      return `the node's certificate is not good: ${code}`;
  }
}
