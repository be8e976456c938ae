import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { OctographError } from '../../lib/errors.ts';
import { identityOf } from '../../tunnel/identity.ts';

/** What a node asks for, proven to be its own key. */
export interface NodeRequest {
  nodeName: string;
  publicKey: x509.PublicKey;
}

/** @throws OctographError `REQUEST_INVALID` in words for an operator; whatever else the text holds is ignored */
export async function readCertificateRequest(pem: string): Promise<NodeRequest> {
  const request = parse(pem);
  const { name, namedCurve } = request.publicKey.algorithm as EcKeyAlgorithm;
  if (name !== 'ECDSA' || namedCurve !== 'P-256') {
    throw invalid(`its key is ${[name, namedCurve].filter(Boolean).join(' ')}, expected ECDSA P-256`);
  }
  if (!(await request.verify())) throw invalid('its signature is not by its key');
  const identity = identityOf(subjectOf(request.subjectName));
  if (!identity.ok) throw invalid(identity.reason);
  return { nodeName: identity.nodeName, publicKey: request.publicKey };
}

function parse(pem: string): x509.Pkcs10CertificateRequest {
  try {
    return new x509.Pkcs10CertificateRequest(pem);
  } catch {
    // The library's words are about ASN.1, and quote what it read.
    throw invalid('it is not one in PEM form');
  }
}

/** A field that is there twice is a list, and no node's. */
function subjectOf(name: x509.Name) {
  const field = (type: string) => {
    const values = name.getField(type);
    return values.length > 1 ? values : values[0];
  };
  return { CN: field('CN'), O: field('O') };
}

const invalid = (why: string) =>
  new OctographError('REQUEST_INVALID', `the certificate request is refused: ${why}`);
