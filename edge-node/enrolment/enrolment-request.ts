import { request as httpsRequest, type RequestOptions } from 'node:https';
import { OctographError } from '../../lib/errors.ts';
import {
  type CertificateAnswer,
  ENROLMENT,
  ENROLMENT_LIMIT_BYTES,
  type EnrolmentRefusal,
  type EnrolmentRequest,
} from '../../tunnel/enrolment.ts';
import { authorityHashOf, type JoinToken, sameHash } from '../../tunnel/join-token.ts';
import { explainLinkError } from '../../tunnel/link-error.ts';
import type { TlsFiles } from '../../tunnel/tls-files.ts';

const TIMEOUT_MS = 15_000;

/** The gateway has decided: asking again with the same token or certificate is of no use. */
export class EnrolmentRefused extends OctographError {}

/**
 * [E5] The authority that the token names. It comes from a gateway that nobody has vouched for yet: the hash in the token
 * does, and nothing secret is sent before.
 * @throws EnrolmentRefused `AUTHORITY_UNKNOWN` where it is another one
 */
export async function fetchAuthority(
  cloud: string,
  { authorityHash }: JoinToken,
  now: number,
): Promise<string> {
  const pem = await exchange(cloud, { path: ENROLMENT.authority, rejectUnauthorized: false }, undefined, now);
  if (sameHash(hashOrNothing(pem), authorityHash)) return pem;
  throw new EnrolmentRefused(
    'AUTHORITY_UNKNOWN',
    `unknown authority: ${cloud} is not of the CA that the token was made for (its hash differs); ` +
      'is it the right gateway, and the token of the same cluster?',
  );
}

/** @returns the certificate, PEM */
export async function requestCertificate(
  cloud: string,
  authority: string,
  body: EnrolmentRequest,
  now: number,
): Promise<string> {
  const answer = await exchange(
    cloud,
    { path: ENROLMENT.certificate, method: 'POST', ca: authority },
    body,
    now,
  );
  return (JSON.parse(answer) as CertificateAnswer).certificate;
}

/** @returns the certificate that replaces the one in `tls`, PEM */
export async function requestRenewal(
  cloud: string,
  tls: TlsFiles,
  request: string,
  now: number,
): Promise<string> {
  const answer = await exchange(cloud, { path: ENROLMENT.renewal, method: 'POST', ...tls }, { request }, now);
  return (JSON.parse(answer) as CertificateAnswer).certificate;
}

/**
 * One request on a connection of its own.
 * @throws EnrolmentRefused with the gateway's code and words; OctographError `GATEWAY_UNREACHABLE` with an operator's
 */
function exchange(
  cloud: string,
  options: RequestOptions,
  body: object | undefined,
  now: number,
): Promise<string> {
  const url = new URL(cloud.replace(/^wss:/, 'https:'));
  return new Promise((resolve, reject) => {
    const request = httpsRequest(
      url,
      {
        ...options,
        agent: false,
        minVersion: 'TLSv1.2',
        headers: { 'content-type': 'application/json' },
        timeout: TIMEOUT_MS,
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
          if (text.length > ENROLMENT_LIMIT_BYTES) request.destroy(new Error('the answer is too long'));
        });
        response.once('error', fail);
        response.once('end', () => {
          if (response.statusCode === 200) resolve(text);
          else reject(refusalOf(response.statusCode ?? 0, text));
        });
      },
    );
    const fail = (error: unknown) => {
      const words = explainLinkError(error, { url: url.href, now });
      reject(new OctographError('GATEWAY_UNREACHABLE', words, { cause: error }));
    };
    request.once('error', fail);
    request.once('timeout', () =>
      request.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })),
    );
    request.end(body && JSON.stringify(body));
  });
}

function refusalOf(status: number, text: string): OctographError {
  const refusal = parse(text);
  if (!refusal)
    return new OctographError(
      'GATEWAY_UNREACHABLE',
      `the gateway answered HTTP ${status}: is it an Octograph tunnel?`,
    );
  // A gateway that is busy, or whose Kubernetes is away, has decided nothing.
  return status >= 500
    ? new OctographError('GATEWAY_UNREACHABLE', refusal.message)
    : new EnrolmentRefused(refusal.code, refusal.message);
}

function parse(text: string): EnrolmentRefusal | undefined {
  try {
    const { code, message } = JSON.parse(text) as EnrolmentRefusal;
    return { code: String(code), message: String(message) };
  } catch {
    return undefined; // Something else answers there.
  }
}

function hashOrNothing(pem: string): string {
  try {
    return authorityHashOf(pem);
  } catch {
    return ''; // No certificate is none that the token names.
  }
}
