import { X509Certificate } from 'node:crypto';
import { type KeyedCertificate, signCertificate } from '../../lib/certificates.ts';
import type { Clock } from '../../lib/clock.ts';
import { OctographError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import type { NodeCertificate } from '../../tunnel/peer.ts';
import { readCertificateRequest } from './certificate-request.ts';
import type { Revocations } from './revocations.ts';
import type { Secrets } from './secrets.ts';
import { useJoinToken } from './tokens.ts';

export interface RegistrarOptions {
  authority: KeyedCertificate;
  secrets: Secrets;
  revocations: Revocations;
  /** Life of a node's certificate, milliseconds. */
  validForMs: number;
  clock: Clock;
  logger: Logger;
}

/** Gives nodes their certificates: the first for a token, the next for the one before. Each is logged, refused or not. */
export class Registrar {
  readonly #options: RegistrarOptions;

  constructor(options: RegistrarOptions) {
    this.#options = options;
  }

  get authorityPem(): string {
    return this.#options.authority.certificatePem;
  }

  /**
   * @returns the certificate, PEM
   * @throws OctographError `REQUEST_INVALID`, `TOKEN_UNKNOWN`, `TOKEN_USED`, `TOKEN_EXPIRED`, `TOKEN_OTHER_NODE`
   */
  async enrol(token: { id: string; secret: string }, request: string): Promise<string> {
    const { secrets, clock } = this.#options;
    const { nodeName, publicKey } = await readCertificateRequest(request);
    // [E4] First used up, then answered: a token is good once even if this process ends in between.
    const refused = await useJoinToken(secrets, { ...token, nodeName, now: clock.now() });
    if (refused) throw new OctographError(refused.code, refused.reason, { details: { node: nodeName } });
    return this.#issue(nodeName, publicKey, { token: token.id }, 'node enrolled');
  }

  /**
   * `current` is what the node showed in TLS.
   * @returns the certificate, PEM
   * @throws OctographError `REQUEST_INVALID`, `NODE_REVOKED`, `OTHER_NODE`
   */
  async renew(current: NodeCertificate, request: string): Promise<string> {
    const revoked = this.#options.revocations.refusal(current);
    if (revoked) throw new OctographError('NODE_REVOKED', revoked);
    const { nodeName, publicKey } = await readCertificateRequest(request);
    if (nodeName !== current.nodeName) {
      throw new OctographError(
        'OTHER_NODE',
        `node ${current.nodeName} asks for a certificate of node ${nodeName}: it gets its own only`,
      );
    }
    return this.#issue(nodeName, publicKey, { replaces: current.serialNumber }, 'certificate renewed');
  }

  async #issue(
    nodeName: string,
    publicKey: Awaited<ReturnType<typeof readCertificateRequest>>['publicKey'],
    audit: object,
    message: string,
  ): Promise<string> {
    const { authority, revocations, validForMs, clock, logger } = this.#options;
    const pem = await signCertificate({
      ca: authority,
      subject: { commonName: `system:node:${nodeName}`, organization: 'system:nodes' },
      usage: 'client',
      now: clock.now(),
      validForMs,
      publicKey,
    });
    const { serialNumber, validTo } = new X509Certificate(pem);
    await revocations.allow(nodeName, serialNumber.toLowerCase());
    logger.info({ node: nodeName, serialNumber: serialNumber.toLowerCase(), validTo, ...audit }, message);
    return pem;
  }
}
