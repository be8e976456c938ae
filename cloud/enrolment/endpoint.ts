import type { IncomingMessage, ServerResponse } from 'node:http';
import { codeOf, messageOf, OctographError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import {
  type CertificateAnswer,
  ENROLMENT,
  ENROLMENT_LIMIT_BYTES,
  type EnrolmentRefusal,
} from '../../tunnel/enrolment.ts';
import type { Peer } from '../../tunnel/peer.ts';
import type { Registrar } from './registrar.ts';

/** Requests that may be looked at together: each costs a few requests to Kubernetes, and anybody may come. */
const MAX_AT_ONCE = 16;

const STATUS: Record<string, number> = {
  REQUEST_INVALID: 400,
  TOKEN_UNKNOWN: 403,
  TOKEN_USED: 403,
  TOKEN_EXPIRED: 403,
  TOKEN_OTHER_NODE: 403,
  CERTIFICATE_NEEDED: 401,
  NODE_REVOKED: 403,
  OTHER_NODE: 403,
  BUSY: 503,
};

/** [E1] The enrolment requests on the tunnel's port; true where one was taken. */
export function createEnrolmentEndpoint(registrar: Registrar, logger: Logger) {
  let atOnce = 0;

  async function answer(request: IncomingMessage, peer: Peer): Promise<CertificateAnswer> {
    if (atOnce >= MAX_AT_ONCE) throw new OctographError('BUSY', 'too many nodes enrol at once: try again');
    atOnce++;
    try {
      const body = await readJson(request);
      return { certificate: await certificateFor(request.url, body, peer) };
    } finally {
      atOnce--;
    }
  }

  function certificateFor(path: string | undefined, body: Record<string, unknown>, peer: Peer) {
    const csr = textOf(body, 'request');
    if (path === ENROLMENT.certificate) {
      const [id = '', secret = ''] = textOf(body, 'token').split('.');
      // It names a Secret: nothing else may be named with it.
      if (!/^[0-9a-f]{12}$/.test(id))
        throw new OctographError('REQUEST_INVALID', 'token: expected <id>.<secret>');
      return registrar.enrol({ id, secret }, csr);
    }
    if (peer.kind === 'node') return registrar.renew(peer.certificate, csr);
    const why = peer.kind === 'untrusted' ? peer.reason : 'a renewal needs the certificate that it replaces';
    throw new OctographError('CERTIFICATE_NEEDED', why);
  }

  return (request: IncomingMessage, response: ServerResponse, peer: Peer): boolean => {
    const { method, url } = request;
    const remote = request.socket.remoteAddress;
    if (method === 'GET' && url === ENROLMENT.authority) {
      response.writeHead(200, { 'content-type': 'application/x-pem-file' }).end(registrar.authorityPem);
      return true;
    }
    if (method !== 'POST' || (url !== ENROLMENT.certificate && url !== ENROLMENT.renewal)) return false;
    answer(request, peer).then(
      (body) => respond(response, 200, body),
      (error) => {
        const refusal = refusalOf(error);
        const { details } = error as Partial<OctographError>;
        logger.warn(
          { remote, path: url, ...details, ...refusal, cause: messageOf(error) },
          'enrolment refused',
        );
        respond(response, STATUS[refusal.code] ?? 503, refusal);
      },
    );
    return true;
  };
}

/** What is ours to say goes out; what failed inside stays in the log. */
function refusalOf(error: unknown): EnrolmentRefusal {
  const code = codeOf(error);
  if (code && code in STATUS) return { code, message: messageOf(error) };
  return { code: 'UNAVAILABLE', message: 'the gateway could not do it now, its log tells why: try again' };
}

function respond(response: ServerResponse, status: number, body: CertificateAnswer | EnrolmentRefusal): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > ENROLMENT_LIMIT_BYTES) {
      throw new OctographError('REQUEST_INVALID', `the body is over ${ENROLMENT_LIMIT_BYTES} bytes`);
    }
    chunks.push(chunk as Buffer);
  }
  const body = parseJson(Buffer.concat(chunks).toString('utf8'));
  if (typeof body === 'object' && body !== null) return body as Record<string, unknown>;
  throw new OctographError('REQUEST_INVALID', 'expected a JSON object');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Refused as whatever else is no object.
  }
}

function textOf(body: Record<string, unknown>, field: string): string {
  const value = body[field];
  if (typeof value === 'string') return value;
  throw new OctographError('REQUEST_INVALID', `${field}: expected text`);
}
