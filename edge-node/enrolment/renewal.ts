import { backoffDelay } from '../../lib/backoff.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Closable, Close } from '../../lib/disposables.ts';
import { messageOf } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import { createCertificateRequest, createKey, keyToPem } from './certificate-request.ts';
import { requestRenewal } from './enrolment-request.ts';
import { type NodeIdentity, writeIdentity } from './identity-file.ts';

export interface RenewalOptions {
  identity: NodeIdentity;
  dataDir: string;
  /** Where it is asked for: `wss://host:port`. */
  cloud: string;
  /** The new identity is on disk. */
  onRenewed(identity: NodeIdentity): void;
  clock: Clock;
  /** 0 ≤ random() < 1 */
  random: () => number;
  logger: Logger;
}

/** Timers of Node end at 24 days, and a machine may sleep: the wall clock is looked at again so often. */
const LOOK_EVERY_MS = 3_600_000;

/** First and longest wait between two attempts; a certificate of a short life has less time for them. */
const RETRY = { baseMs: 30_000, capMs: 3_600_000 };

/** [E6] When a certificate is renewed: anywhere from 70 to 90 % of its life, so that a fleet does not come at once. */
export const renewalDueAt = (
  { validFrom, validTo }: Pick<NodeIdentity, 'validFrom' | 'validTo'>,
  random: number,
) => validFrom + (0.7 + 0.2 * random) * (validTo - validFrom);

/** Keeps the certificate fresh until closed: asks with the old one, and goes on trying until it has the next. */
export function startRenewal({
  identity: first,
  dataDir,
  cloud,
  onRenewed,
  clock,
  random,
  logger,
}: RenewalOptions): Closable {
  let identity = first;
  let dueAt = renewalDueAt(identity, random());
  let failures = 0;
  let closed = false;
  let cancel: Close = () => {};
  let renewing: Promise<void> = Promise.resolve();

  const wait = () => {
    const waitMs = Math.min(LOOK_EVERY_MS, Math.max(0, dueAt - clock.now()));
    cancel = clock.setTimer(waitMs, () => {
      if (clock.now() < dueAt) wait();
      else renewing = renew();
    });
  };

  async function renew(): Promise<void> {
    try {
      const key = createKey();
      const request = createCertificateRequest(identity.nodeName, key);
      const certificate = await requestRenewal(cloud, identity.tls, request, clock.now());
      if (closed) return;
      const tls = { ca: identity.tls.ca, cert: certificate, key: keyToPem(key) };
      identity = writeIdentity(dataDir, { cloud: identity.cloud, tls });
      failures = 0;
      dueAt = renewalDueAt(identity, random());
      logger.info({ validTo: new Date(identity.validTo).toISOString() }, 'certificate renewed');
      onRenewed(identity);
    } catch (error) {
      if (closed) return;
      const life = identity.validTo - identity.validFrom;
      const baseMs = Math.min(RETRY.baseMs, life / 50);
      const capMs = Math.min(RETRY.capMs, life / 20);
      dueAt = clock.now() + baseMs / 2 + backoffDelay(failures++, { baseMs, capMs, random });
      const validTo = new Date(identity.validTo).toISOString();
      logger.warn({ error: messageOf(error), validTo }, 'the certificate could not be renewed; trying again');
    }
    if (!closed) wait();
  }

  wait();
  return {
    async close() {
      closed = true;
      cancel();
      await renewing;
    },
  };
}
