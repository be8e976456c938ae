import { Secrets } from '../../cloud/enrolment/secrets.ts';
import { createKubeClient } from '../../kubernetes/client.ts';
import { loadKubeConfig } from '../../kubernetes/kube-config.ts';
import { systemClock } from '../../lib/clock.ts';
import type { Options, Settings } from '../settings.ts';

export const KUBECONFIG_OPTIONS: Options = {
  kubeconfig: { kind: 'text', help: "the cluster; without it, the pod's own service account" },
};

/** Runs `use` with our Secrets in the cluster that the settings name. */
export async function withSecrets<T>(settings: Settings, use: (secrets: Secrets) => Promise<T>): Promise<T> {
  const kubeconfig = settings.kubeconfig as string | undefined;
  const config = loadKubeConfig(kubeconfig ? { kubeconfig } : { inCluster: true });
  const client = createKubeClient({ config, clock: systemClock });
  try {
    return await use(new Secrets(client));
  } finally {
    client.close();
  }
}
