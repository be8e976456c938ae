export type Identity = { ok: true; nodeName: string } | { ok: false; reason: string };

const COMMON_NAME_PREFIX = 'system:node:';
const NODE_NAME = /^[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?$/;
const ORGANIZATION = 'system:nodes';
const NAME_LIMIT = 253;

/** Kubernetes' own rule: a DNS subdomain. */
export const isNodeName = (text: string): boolean => text.length <= NAME_LIMIT && NODE_NAME.test(text);

/** [W2] The node's name, from the verified client certificate and nothing else: kubelet's own form of it. */
export function identityOf(subject: { CN?: unknown; O?: unknown } | undefined): Identity {
  const commonName = subject?.CN;
  const organization = subject?.O;
  if (typeof commonName === 'string' && commonName.startsWith(COMMON_NAME_PREFIX)) {
    const nodeName = commonName.slice(COMMON_NAME_PREFIX.length);
    if (isNodeName(nodeName) && organization === ORGANIZATION) return { ok: true, nodeName };
  }
  return {
    ok: false,
    reason:
      `the client certificate is of CN=${show(commonName)}, O=${show(organization)}; ` +
      `expected CN=system:node:<name>, O=${ORGANIZATION}`,
  };
}

/** A subject may name a field twice; then it is a list, and not a node's. */
const show = (field: unknown) => (field === undefined ? '(none)' : String(field).slice(0, 200));
