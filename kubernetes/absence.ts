import type { KubeClient } from './client.ts';
import type { KubeObject, Resource } from './resources.ts';

interface ApiGroup {
  versions?: Array<{ version: string }>;
}

/** Why the cluster does not serve a kind, and what would help, in one line. */
export async function describeAbsence(
  client: KubeClient,
  { apiVersion, plural, without }: Resource<KubeObject>,
  signal: AbortSignal,
): Promise<string> {
  const [group, version] = apiVersion.split('/') as [string, string | undefined];
  const served = version === undefined ? [] : await versionsOf(client, group, signal);
  if (served.length > 0 && !served.includes(version!)) {
    // The same words for each kind of the group: they are said once.
    return `the cluster serves ${group} only as ${served.join(', ')}, which is not understood here: KubeEdge 1.15 or newer is needed`;
  }
  const meaning = without && served.length > 0 ? `; ${without}` : '';
  return `the cluster does not serve ${plural} (${apiVersion})${meaning}; waiting for it to appear`;
}

async function versionsOf(client: KubeClient, group: string, signal: AbortSignal): Promise<string[]> {
  try {
    const { versions = [] } = await client.get<ApiGroup>(`/apis/${group}`, signal);
    return versions.map(({ version }) => version);
  } catch {
    // The group is missing altogether, or discovery is: either way nothing more is known.
    return [];
  }
}
