import { KubeConfig } from '@kubernetes/client-node';
import { messageOf, OctographError } from '../lib/errors.ts';

export type KubeConfigSource =
  /** A kubeconfig file: its current context counts. */
  | { kubeconfig: string }
  /** The service account that Kubernetes mounts into a pod. */
  | { inCluster: true };

/**
 * Where the cluster is and who we are there.
 * @throws OctographError `KUBERNETES_CONFIG`, naming the source and what is wrong with it.
 */
export function loadKubeConfig(source: KubeConfigSource): KubeConfig {
  // Without it the library makes `https://undefined:undefined` of it.
  if ('inCluster' in source && !process.env.KUBERNETES_SERVICE_HOST) {
    throw new OctographError(
      'KUBERNETES_CONFIG',
      'no kubeconfig is named, and this is no pod of a cluster, as KUBERNETES_SERVICE_HOST is not set: expected one of the two',
    );
  }
  const what = 'kubeconfig' in source ? `kubeconfig ${source.kubeconfig}` : 'the in-cluster configuration';
  const config = new KubeConfig();
  try {
    if ('kubeconfig' in source) config.loadFromFile(source.kubeconfig);
    else config.loadFromCluster();
  } catch (error) {
    throw new OctographError('KUBERNETES_CONFIG', `${what} cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
  const server = config.getCurrentCluster()?.server;
  if (!server || !URL.canParse(server)) {
    const context = config.getCurrentContext() ?? 'none';
    throw new OctographError(
      'KUBERNETES_CONFIG',
      `${what} names no server: context ${context}, server ${server ?? 'none'}; expected an https URL`,
    );
  }
  return config;
}
