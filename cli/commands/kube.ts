import { startKubeApi } from '../../kube-api/index.ts';
import { systemClock } from '../../lib/clock.ts';
import type { Listener } from '../../lib/listen.ts';
import { type Command, refuseWords } from '../command.ts';

export const kubeCommand: Command = {
  usage: 'octograph kube [settings]',
  options: {
    listen: { kind: 'listener', default: '127.0.0.1:6443', help: 'where the API listens' },
    'state-dir': { kind: 'text', default: 'kube-state', help: 'objects, certificates and the token' },
    hosts: { kind: 'list', help: 'more names and addresses that the API answers to, for its certificate' },
    'token-file': { kind: 'text', help: 'more users: lines token,user,uid,"group1,group2"' },
    'node-grace-ms': {
      kind: 'number',
      minimum: 1000,
      default: 40_000,
      help: 'silence of its Lease after which a node is no longer Ready, milliseconds',
    },
    kubeconfig: { kind: 'text', default: 'kubeconfig', help: 'file to write for kubectl and the gateway' },
  },
  async run({ settings, positionals, logger }) {
    refuseWords(positionals);
    const api = await startKubeApi({
      stateDir: settings['state-dir'] as string,
      listen: settings.listen as Listener,
      kubeconfigPath: settings.kubeconfig as string,
      hosts: settings.hosts as string[] | undefined,
      tokenFile: settings['token-file'] as string | undefined,
      nodeGraceMs: settings['node-grace-ms'] as number,
      clock: systemClock,
      logger,
    });
    return {
      addresses: { api: api.url, kubeconfig: settings.kubeconfig as string },
      close: () => api.close(),
    };
  },
};
