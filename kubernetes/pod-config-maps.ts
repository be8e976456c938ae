import type { KubePod, KubePodVolume } from '../twin/cluster-object.ts';
import { deviceId } from '../twin/device-object.ts';

/**
 * The config maps that a pod names, as `<namespace>/<name>`: in volumes, projected ones too, and in the environment of all its
 * containers. They are of the pod's own namespace.
 */
export function configMapsOf({ metadata, spec }: KubePod): Set<string> {
  const names = new Set<string | undefined>();
  for (const volume of spec.volumes ?? []) for (const name of namesIn(volume)) names.add(name);
  const { containers = [], initContainers = [], ephemeralContainers = [] } = spec;
  for (const { envFrom = [], env = [] } of [...initContainers, ...containers, ...ephemeralContainers]) {
    for (const { configMapRef } of envFrom) names.add(configMapRef?.name);
    for (const { valueFrom } of env) names.add(valueFrom?.configMapKeyRef?.name);
  }
  const named = new Set<string>();
  for (const name of names) if (name) named.add(deviceId(metadata.namespace ?? 'default', name));
  return named;
}

const namesIn = ({ configMap, projected }: KubePodVolume): Array<string | undefined> => [
  configMap?.name,
  ...(projected?.sources ?? []).map((source) => source.configMap?.name),
];
