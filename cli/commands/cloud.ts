import { startCloud } from '../../cloud/cloud.ts';
import type { TunnelIdentity } from '../../cloud/enrolment/enrolment.ts';
import { systemClock } from '../../lib/clock.ts';
import { OctographError } from '../../lib/errors.ts';
import { hostInUrl, type Listener } from '../../lib/listen.ts';
import { type Command, refuseWords } from '../command.ts';
import type { Settings } from '../settings.ts';
import {
  ACCESS_OPTIONS,
  accessFrom,
  guardsFrom,
  listenerFrom,
  TUNNEL_TLS_OPTIONS,
  tunnelTlsFrom,
} from './access.ts';

export const cloudCommand: Command = {
  usage: 'octograph cloud [settings]',
  options: {
    listen: { kind: 'listener', default: '127.0.0.1:4000', help: 'where the GraphQL API listens' },
    ...ACCESS_OPTIONS,
    'kubernetes-access': {
      kind: 'switch',
      default: false,
      help: "take Kubernetes' tokens, and ask it what they may do (TokenReview, SubjectAccessReview)",
    },
    'token-audiences': {
      kind: 'list',
      help: "audiences of Kubernetes' tokens; without them those of the API server",
    },
    kubeconfig: { kind: 'text', help: "the cluster; without it, the pod's own service account" },
    'tunnel-listen': { kind: 'listener', default: '127.0.0.1:4443', help: 'where edge nodes dial in (wss)' },
    'tunnel-hosts': {
      kind: 'list',
      help: "names and addresses that nodes dial, for the tunnel's certificate; localhost is always among them",
    },
    'node-certificate-hours': { kind: 'number', default: 2160, help: "life of a node's certificate" },
    ...TUNNEL_TLS_OPTIONS,
    'state-dir': {
      kind: 'text',
      help: 'where replica, changes, conflicts and messages for nodes are kept; without it in memory, and a restart forgets them',
    },
    'status-writes-per-second': {
      kind: 'number',
      default: 10,
      minimum: 0.1,
      help: 'budget of DeviceStatus writes',
    },
    'lease-namespace': {
      kind: 'text',
      default: 'default',
      help: 'namespace of the Lease octograph-gateway: of several gateways, its holder writes',
    },
    webhook: {
      kind: 'listener',
      help: 'where the validating admission webhook listens (https); none without it',
    },
    'webhook-cert': { kind: 'text', help: 'PEM file of the webhook, read again when it changes' },
    'webhook-key': { kind: 'text', help: 'PEM file of the webhook, read again when it changes' },
  },
  async run({ settings, positionals, logger }) {
    refuseWords(positionals);
    const kubeconfig = settings.kubeconfig as string | undefined;
    const gateway = await startCloud({
      kubernetes: kubeconfig ? { kubeconfig } : { inCluster: true },
      listen: listenerFrom(settings),
      access: accessFrom(settings, logger),
      kubernetesAccess: settings['kubernetes-access']
        ? { audiences: (settings['token-audiences'] as string[] | undefined) ?? [] }
        : undefined,
      guards: guardsFrom(settings, logger),
      graphiql: settings.graphiql as boolean,
      tunnel: { listen: settings['tunnel-listen'] as Listener, identity: tunnelIdentityFrom(settings) },
      stateDir: settings['state-dir'] as string | undefined,
      statusWritesPerSecond: settings['status-writes-per-second'] as number,
      leaseNamespace: settings['lease-namespace'] as string,
      webhook: webhookFrom(settings),
      clock: systemClock,
      random: Math.random,
      logger,
    });
    const { host } = settings['tunnel-listen'] as Listener;
    const addresses = { graphql: gateway.url, tunnel: `wss://${hostInUrl(host)}:${gateway.tunnelPort}` };
    logger.info(addresses, 'cloud gateway is ready');
    return { addresses, close: () => gateway.close() };
  },
};

function webhookFrom(settings: Settings) {
  const listen = settings.webhook as Listener | undefined;
  if (!listen) return undefined;
  const certFile = settings['webhook-cert'] as string | undefined;
  const keyFile = settings['webhook-key'] as string | undefined;
  if (certFile && keyFile) return { listen, certFile, keyFile };
  throw new OctographError(
    'SETTINGS',
    '--webhook needs --webhook-cert and --webhook-key: the API server calls it over https only',
  );
}

const LOCALHOST = ['localhost', '127.0.0.1', '::1'];

/** Certificates of the operator's own authority, or of the one that the gateway keeps in Kubernetes. */
function tunnelIdentityFrom(settings: Settings): TunnelIdentity {
  const tls = tunnelTlsFrom(settings);
  if (tls) return { tls };
  const { host } = settings['tunnel-listen'] as Listener;
  const isWildcard = host === '0.0.0.0' || host === '::';
  const named = (settings['tunnel-hosts'] as string[] | undefined) ?? [];
  const hours = settings['node-certificate-hours'] as number;
  if (!(hours > 0)) {
    throw new OctographError('SETTINGS', `--node-certificate-hours is ${hours}: expected a number above 0`);
  }
  return {
    hosts: [...new Set([...named, ...(isWildcard ? [] : [host]), ...LOCALHOST])],
    nodeCertificateMs: hours * 3_600_000,
  };
}
