import type { PeerCertificate } from 'node:tls';

export type Identity = { ok: true; nodeName: string } | { ok: false; reason: string };

const COMMON_NAME = /^system:node:([a-z0-9](?:[-a-z0-9.]*[a-z0-9])?)$/;
const ORGANIZATION = 'system:nodes';
const NAME_LIMIT = 253;

/** [W2] The node's name, from the verified client certificate and nothing else: kubelet's own form of it. */
export function identityOf(subject: PeerCertificate['subject'] | undefined): Identity {
  const commonName: unknown = subject?.CN;
  const organization: unknown = subject?.O;
  const name = typeof commonName === 'string' ? COMMON_NAME.exec(commonName)?.[1] : undefined;
  if (name && name.length <= NAME_LIMIT && organization === ORGANIZATION) return { ok: true, nodeName: name };
  return {
    ok: false,
    reason:
      `the client certificate is of CN=${show(commonName)}, O=${show(organization)}; ` +
      `expected CN=system:node:<name>, O=${ORGANIZATION}`,
  };
}

/** A subject may name a field twice; then it is a list, and not a node's. */
const show = (field: unknown) => (field === undefined ? '(none)' : String(field).slice(0, 200));
