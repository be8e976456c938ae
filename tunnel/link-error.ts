import { X509Certificate } from 'node:crypto';
import { codeOf, messageOf } from '../lib/errors.ts';
import { UpgradeRefused } from './dial.ts';
import type { TlsFiles } from './tls-files.ts';

export interface LinkErrorContext {
  /** `wss://host:port` */
  url: string;
  /** Absent where no certificate was shown. */
  tls?: TlsFiles;
  /** Wall clock, milliseconds. */
  now: number;
}

/** Why the gateway was not reached, in words that tell an operator what to look at. */
export function explainLinkError(error: unknown, { url, tls, now }: LinkErrorContext): string {
  const { host, hostname } = new URL(url);
  const code = codeOf(error) ?? '';
  const clock = `this node's clock says ${new Date(now).toISOString()}`;
  if (error instanceof UpgradeRefused) return `the gateway refuses this node: ${error.message}`;
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `DNS: the name ${hostname} is not found (${code})`;
    case 'ECONNREFUSED':
      return `refused: nothing listens at ${host}`;
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `no route to ${host} (${code})`;
    case 'ETIMEDOUT':
      return `no answer from ${host}`;
    case 'CERT_HAS_EXPIRED':
      return `the gateway's certificate has expired, or the clock is wrong: ${clock}`;
    case 'CERT_NOT_YET_VALID':
      return `the gateway's certificate is not valid yet, or the clock is wrong: ${clock}`;
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `the gateway's certificate is not for ${hostname}`;
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'CERT_SIGNATURE_FAILURE':
      return `unknown authority: the gateway's certificate is not of this node's CA (${code})`;
    case 'ECONNRESET':
      return explainRefusal(tls, now, clock) ?? `${host} hung up before the tunnel was open (${code})`;
    default:
      return explainRefusal(tls, now, clock) ?? `${host}: ${messageOf(error)}`;
  }
}

/** A gateway that refuses our certificate just hangs up (TLS 1.3 leaves no better way): look at it ourselves. */
function explainRefusal(tls: TlsFiles | undefined, now: number, clock: string): string | undefined {
  if (!tls) return undefined;
  const { ca, cert } = tls;
  const own = new X509Certificate(cert);
  if (now > own.validToDate.getTime()) {
    return `this node's certificate has expired at ${own.validToDate.toISOString()}; ${clock}`;
  }
  if (now < own.validFromDate.getTime()) {
    return `this node's certificate is valid from ${own.validFromDate.toISOString()}; ${clock}`;
  }
  if (!certificatesOf(ca).some((authority) => own.verify(authority.publicKey))) {
    return "unknown authority: the gateway hung up, and this node's certificate is not of its CA";
  }
  return undefined;
}

const certificatesOf = (bundle: string) =>
  (bundle.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map(
    (pem) => new X509Certificate(pem),
  );
