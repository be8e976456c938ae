/**
 * [E1] What passes between a node and the gateway before there is a tunnel, and when its certificate is renewed: HTTPS on
 * the tunnel's port, JSON, one request per connection.
 */
export const ENROLMENT = {
  /** GET, by anybody: the authority's certificate, PEM. */
  authority: '/enrolment/v1/authority',
  /** POST an `EnrolmentRequest`, by anybody; answered with a `CertificateAnswer`. */
  certificate: '/enrolment/v1/certificate',
  /** POST a `RenewalRequest`, with the certificate that is to be replaced; answered likewise. */
  renewal: '/enrolment/v1/renewal',
} as const;

/** Bytes of a request or an answer at most; a real one has about 1 KiB. */
export const ENROLMENT_LIMIT_BYTES = 16 * 1024;

export interface EnrolmentRequest {
  /** `<id>.<secret>` of the token. */
  token: string;
  /** PKCS #10, PEM, ECDSA P-256, for CN=system:node:<name>, O=system:nodes. */
  request: string;
}

export type RenewalRequest = Pick<EnrolmentRequest, 'request'>;

export interface CertificateAnswer {
  /** PEM. */
  certificate: string;
}

/** Every other status than 200: why, in words for an operator. */
export interface EnrolmentRefusal {
  code: string;
  message: string;
}
