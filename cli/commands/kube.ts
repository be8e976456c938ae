import { startKubeApi } from '../../kube-api/index.ts';
import { systemClock } from '../../lib/clock.ts';
import type { Listener } from '../../lib/listen.ts';
import { type Command, refuseWords } from '../command.ts';

export const kubeCommand: Command = {
  usage: 'octograph kube [settings]',
  options: {
    listen: { kind: 'listener', default: '127.0.0.1:6443', help: 'where the API listens' },
    'state-dir': { kind: 'text', default: 'kube-state', help: 'objects, certificates and the token' },
    kubeconfig: { kind: 'text', default: 'kubeconfig', help: 'file to write for kubectl and the gateway' },
  },
  async run({ settings, positionals, logger }) {
    refuseWords(positionals);
    const api = await startKubeApi({
      stateDir: settings['state-dir'] as string,
      listen: settings.listen as Listener,
      kubeconfigPath: settings.kubeconfig as string,
      clock: systemClock,
      logger,
    });
    return {
      addresses: { api: api.url, kubeconfig: settings.kubeconfig as string },
      close: () => api.close(),
    };
  },
};
