import { OctographError } from '../../lib/errors.ts';
import { isNodeName } from '../../tunnel/identity.ts';
import { parseJoinToken } from '../../tunnel/join-token.ts';
import { createCertificateRequest, createKey, keyToPem } from './certificate-request.ts';
import { fetchAuthority, requestCertificate } from './enrolment-request.ts';
import { type NodeIdentity, writeIdentity } from './identity-file.ts';

export interface JoinOptions {
  /** What `octograph token create` printed. */
  token: string;
  /** `wss://host:port` */
  cloud: string;
  nodeName: string;
  dataDir: string;
  /** Wall clock, milliseconds. */
  now: number;
}

/**
 * [E5] Makes a key, which never leaves this machine, and has the cloud certify it. What was joined before is replaced only
 * when that succeeded.
 * @throws OctographError `JOIN_TOKEN_INVALID`, `NODE_NAME_INVALID`, `GATEWAY_UNREACHABLE`; EnrolmentRefused
 */
export async function join({ token, cloud, nodeName, dataDir, now }: JoinOptions): Promise<NodeIdentity> {
  const parsed = parseJoinToken(token);
  if (!isNodeName(nodeName)) {
    throw new OctographError(
      'NODE_NAME_INVALID',
      `node name ${JSON.stringify(nodeName)}: expected a Kubernetes node name, lower-case letters, digits, - and .`,
    );
  }
  const authority = await fetchAuthority(cloud, parsed, now);
  const key = createKey();
  const certificate = await requestCertificate(
    cloud,
    authority,
    { token: `${parsed.id}.${parsed.secret}`, request: createCertificateRequest(nodeName, key) },
    now,
  );
  return writeIdentity(dataDir, { cloud, tls: { ca: authority, cert: certificate, key: keyToPem(key) } });
}
