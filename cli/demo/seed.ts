import { createKubeClient } from '../../kubernetes/client.ts';
import { loadKubeConfig } from '../../kubernetes/kube-config.ts';
import type { Clock } from '../../lib/clock.ts';
import { codeOf } from '../../lib/errors.ts';
import type { Manifest } from './manifests.ts';

/** Creates what is not there. What somebody changed since the last start stays as they left it. */
export async function seedCluster(
  kubeconfig: string,
  manifests: readonly Manifest[],
  clock: Clock,
): Promise<void> {
  const client = createKubeClient({ config: loadKubeConfig({ kubeconfig }), clock });
  try {
    for (const { collection, object } of manifests) {
      try {
        await client.create(collection, object);
      } catch (error) {
        // A create conflicts only with the object that is there already.
        if (codeOf(error) !== 'KUBERNETES_CONFLICT') throw error;
      }
    }
  } finally {
    client.close();
  }
}
