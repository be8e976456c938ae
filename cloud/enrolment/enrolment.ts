import type { KubeClient } from '../../kubernetes/client.ts';
import { backoffDelay } from '../../lib/backoff.ts';
import type { KeyedCertificate } from '../../lib/certificates.ts';
import { type Clock, every } from '../../lib/clock.ts';
import { type Closable, Disposables } from '../../lib/disposables.ts';
import { codeOf, messageOf } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import type { TunnelServer, TunnelServerOptions } from '../../tunnel/server.ts';
import type { TlsFiles } from '../../tunnel/tls-files.ts';
import { issueGatewayTls, openAuthority, renewGatewayTlsAt } from './authority.ts';
import { createEnrolmentEndpoint } from './endpoint.ts';
import { Registrar } from './registrar.ts';
import { Revocations } from './revocations.ts';
import { Secrets } from './secrets.ts';

/** Where the tunnel's certificates come from: brought along, or of the authority that is kept in Kubernetes. */
export type TunnelIdentity =
  | { tls: TlsFiles }
  | {
      /** Names and addresses that nodes dial. */
      hosts: readonly string[];
      /** Life of a node's certificate, milliseconds. */
      nodeCertificateMs: number;
    };

export interface EnrolmentOptions {
  identity: TunnelIdentity;
  client: KubeClient;
  clock: Clock;
  /** 0 ≤ random() < 1 */
  random: () => number;
  logger: Logger;
}

/** What the tunnel asks of enrolment. */
export interface Enrolment
  extends Closable,
    Required<Pick<TunnelServerOptions, 'tls' | 'judge' | 'serveHttp'>> {
  /** From here on revocations cut its live sessions, and it gets new certificates in time. */
  guard(tunnel: Pick<TunnelServer, 'review' | 'renewTls'>): void;
}

const LOOK_EVERY_MS = 3_600_000;
const RETRY = { baseMs: 500, capMs: 10_000 };

/** Resolves when the gateway has certificates: where Kubernetes does not answer yet, when it does. */
export async function startEnrolment(options: EnrolmentOptions): Promise<Enrolment> {
  const { identity, client, clock, logger } = options;
  const open = new Disposables();
  const secrets = new Secrets(client);
  let tunnel: Parameters<Enrolment['guard']>[0] | undefined;
  const revocations = open.use(new Revocations({ secrets, clock, logger, onRead: () => tunnel?.review() }));
  const shared = {
    judge: revocations.refusal.bind(revocations),
    guard(guarded: NonNullable<typeof tunnel>) {
      tunnel = guarded;
    },
    close: () => open.close(),
  };
  // Or the first nodes to come would be turned away for want of the list.
  await revocations.settled();
  if ('tls' in identity) return { ...shared, tls: () => identity.tls, serveHttp: () => false };

  const { hosts, nodeCertificateMs: validForMs } = identity;
  try {
    const authority = await openWhenThere(secrets, options);
    let tls = await issueGatewayTls(authority, hosts, clock);
    const renew = async () => {
      if (clock.now() < renewGatewayTlsAt(tls)) return;
      tls = await issueGatewayTls(authority, hosts, clock);
      tunnel?.renewTls();
    };
    open.add(every(clock, LOOK_EVERY_MS, () => void renew()));
    const registrar = new Registrar({ authority, secrets, revocations, validForMs, clock, logger });
    return { ...shared, tls: () => tls, serveHttp: createEnrolmentEndpoint(registrar, logger) };
  } catch (error) {
    await open.close();
    throw error;
  }
}

async function openWhenThere(
  secrets: Secrets,
  { clock, random, logger }: EnrolmentOptions,
): Promise<KeyedCertificate> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await openAuthority(secrets, clock);
    } catch (error) {
      if (codeOf(error) !== 'KUBERNETES_UNAVAILABLE') throw error;
      logger.warn({ error: messageOf(error) }, "the tunnel's authority waits for Kubernetes");
      await new Promise<void>((done) => clock.setTimer(backoffDelay(attempt, { ...RETRY, random }), done));
    }
  }
}
