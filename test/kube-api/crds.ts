import { readdirSync, readFileSync } from 'node:fs';
import { ApiException, CustomObjectsApi, type KubeConfig } from '@kubernetes/client-node';
import { parse } from 'yaml';
import { waitFor } from '../harness/wait.ts';

const FOLDER = new URL('../../deploy/chart/crds/', import.meta.url);
const CRDS = { group: 'apiextensions.k8s.io', version: 'v1', plural: 'customresourcedefinitions' } as const;

interface Crd {
  metadata: { name: string };
  spec: { group: string; names: { plural: string }; versions: Array<{ name: string }> };
  status?: { conditions?: Array<{ type: string; status: string }> };
}

/** Installs those of the chart's CRDs that the cluster lacks, and waits until all of their kinds are served. They stay. */
export async function installCrds(config: KubeConfig): Promise<void> {
  // Through the client's own type for CRDs, keywords such as x-kubernetes-preserve-unknown-fields would be lost.
  const api = config.makeApiClient(CustomObjectsApi);
  for (const file of readdirSync(FOLDER)) {
    const body = parse(readFileSync(new URL(file, FOLDER), 'utf8')) as Crd;
    const { name } = body.metadata;
    try {
      await api.createClusterCustomObject({ ...CRDS, body });
    } catch (error) {
      // Installed already: KubeEdge's own stays as it is.
      if (!(error instanceof ApiException) || error.code !== 409) throw error;
    }
    await waitFor(`${name} to be established`, async () => {
      const { status } = (await api.getClusterCustomObject({ ...CRDS, name })) as Crd;
      return status?.conditions?.some((one) => one.type === 'Established' && one.status === 'True');
    });
    const { group, names, versions } = body.spec;
    // The handler of a kind hears of it a moment after its condition says so.
    await waitFor(`${name} to be served`, () =>
      api.listClusterCustomObject({ group, version: versions[0]!.name, plural: names.plural }),
    );
  }
}
