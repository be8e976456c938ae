import { ConfigReader } from '../config-reader.ts';

export const SECURITY_MODES = ['None', 'Sign', 'SignAndEncrypt'] as const;
export type SecurityMode = (typeof SECURITY_MODES)[number];

/** Without the two of 2005, which OPC 10000-7 marks as broken. */
export const SECURITY_POLICIES = [
  'None',
  'Basic256Sha256',
  'Aes128_Sha256_RsaOaep',
  'Aes256_Sha256_RsaPss',
] as const;
export type SecurityPolicy = (typeof SECURITY_POLICIES)[number];

/** One server, as one user: all devices with equal ones share a session. */
export interface Endpoint {
  /** `opc.tcp://host:4840/path` */
  url: string;
  securityMode: SecurityMode;
  securityPolicy: SecurityPolicy;
  userName?: string;
  /** The password, or the absolute path of a file that holds it, as with KubeEdge. */
  password?: string;
  /** File with the server's certificate, to be trusted: KubeEdge's way. The trust list is the other. */
  remoteCertificate?: string;
  /** How long one request may stay unanswered. */
  timeoutMs: number;
}

export interface OpcuaAddress {
  endpoint: Endpoint;
  /** How often the server is to publish what changed; undefined means the shortest sampling interval of the device. */
  publishingMs?: number;
}

const DEFAULT_TIMEOUT_MS = 5_000;

/** The device's protocol configData: the fields of KubeEdge's opcua mapper, `timeoutMs` and `publishingInterval`. */
export function parseAddress(protocol: Record<string, unknown>, device: string): OpcuaAddress {
  const config = new ConfigReader(protocol, device);
  const url = config.text('url');
  if (!/^opc\.tcp:\/\/[^/:]+(:\d+)?(\/.*)?$/.test(url)) config.fail('url', 'an opc.tcp:// address');
  const optional = (field: string) => (config.has(field) ? config.text(field) : undefined);
  return {
    endpoint: {
      url,
      ...securityOf(config),
      userName: optional(config.named('userName', 'username')),
      password: optional('password'),
      remoteCertificate: optional('remoteCertificate'),
      timeoutMs: config.integer('timeoutMs', { min: 100, max: 60_000 }, DEFAULT_TIMEOUT_MS),
    },
    publishingMs: config.has('publishingInterval')
      ? config.integer('publishingInterval', { min: 10, max: 60_000 })
      : undefined,
  };
}

/** Whoever names one of the two wants security; the other then has a safe default. */
function securityOf(config: ConfigReader): Pick<Endpoint, 'securityMode' | 'securityPolicy'> {
  const wanted = (field: string) => config.has(field) && config.text(field).toLowerCase() !== 'none';
  const policy = wanted('securityMode') ? 'Basic256Sha256' : 'None';
  const securityPolicy = config.choice('securityPolicy', SECURITY_POLICIES, policy);
  const mode = securityPolicy === 'None' ? 'None' : 'SignAndEncrypt';
  const securityMode = config.choice('securityMode', SECURITY_MODES, mode);
  if ((securityMode === 'None') !== (securityPolicy === 'None')) {
    config.fail(
      'securityMode',
      securityPolicy === 'None' ? 'None, as securityPolicy' : 'Sign or SignAndEncrypt',
    );
  }
  return { securityMode, securityPolicy };
}
